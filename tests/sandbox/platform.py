"""A running sandbox as the tests speak to it, and a service that its pushes reach."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import xmltodict
from aiohttp import web
from PIL import Image
from wechatpy.crypto import WeChatCrypto

from outreach.sandbox.app import create_app

HOME = "127.0.0.1"
LINK = "http://127.0.0.1:8080/p/k3v9"


class MovableClock:
    """The real time, moved forward by `forward`."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self._ahead_s

    def forward(self, seconds: float) -> None:
        self._ahead_s += seconds


@dataclass
class Service:
    """Takes pushes at its callback, refusing the first `refusals` of them; the others get `answer`."""

    url: str
    pushes: asyncio.Queue[tuple[dict[str, str], str]] = field(default_factory=asyncio.Queue)
    refusals: int = 0
    answer: str = "success"

    async def take(self, request: web.Request) -> web.Response:
        await self.pushes.put((dict(request.query), await request.text()))
        if self.refusals:
            self.refusals -= 1
            raise web.HTTPBadGateway
        return web.Response(text=self.answer)


@dataclass
class Platform:
    """The sandbox by its calls."""

    http: aiohttp.ClientSession
    url: str
    clock: MovableClock
    accounts: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""
    acting: dict[str, Any] | None = None

    @property
    def wechat(self) -> dict[str, Any]:
        return self.accounts[0]

    @property
    def weibo(self) -> dict[str, Any]:
        return self.accounts[1]

    @property
    def unverified(self) -> dict[str, Any]:
        return self.accounts[2]

    async def control(self, path: str, body: Any = None) -> Any:
        """A control call: GET, or POST with a body."""
        method = "GET" if body is None else "POST"
        async with self.http.request(method, f"{self.url}/_sandbox/{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        async with self.http.get(self.url + path, params=query) as response:
            assert response.status == 200
            return decoded(await response.read())

    async def stable_token(
        self, account: dict[str, Any] | None = None, *, force: bool = False
    ) -> dict[str, Any]:
        account = account or self.wechat
        body = {"grant_type": "client_credential", "appid": account["appid"], "secret": account["secret"]}
        return await self.post("/cgi-bin/stable_token", {**body, "force_refresh": force}, token="")

    async def post(self, path: str, body: Any, *, token: str | None = None) -> dict[str, Any]:
        """A WeChat call as a careful client makes it: UTF-8 without escapes."""
        return await self.post_raw(path, json.dumps(body, ensure_ascii=False).encode(), token=token)

    async def post_raw(self, path: str, raw: bytes, *, token: str | None = None) -> dict[str, Any]:
        query = {"access_token": self.token if token is None else token}
        async with self.http.post(self.url + path, params=query, data=raw) as response:
            assert response.status == 200
            return decoded(await response.read())

    async def code(self, path: str, body: Any, *, token: str | None = None) -> int:
        """The code with which the call is answered; 0 where it is taken."""
        return int((await self.post(path, body, token=token)).get("errcode", 0))

    async def query(self, path: str, **query: str) -> dict[str, Any]:
        """A WeChat call by GET."""
        return await self.get(path, access_token=self.token, **query)

    async def limit(self, **limits: int) -> None:
        """Gives the first WeChat account other limits."""
        await self.control("accounts", {"appid": self.wechat["appid"], "limits": limits})

    async def followers(self, count: int) -> list[str]:
        """Makes that many; the openids of all that there are, ten thousand at most."""
        await self.control("followers", {"count": count})
        answer = await self.query("/cgi-bin/user/get")
        return list(answer.get("data", {}).get("openid", []))

    async def text_from(self, openid: str) -> None:
        """The follower writes to the account."""
        await self.control("events", {"type": "text", "content": "你好", "openid": openid})

    async def act_as(self, **fields: Any) -> None:
        """From now on another, new account calls."""
        self.acting = (await self.control("accounts", {"channel": "wechat", **fields}))[-1]
        await self.forward(0)

    async def forward(self, seconds: float) -> None:
        """Lets time pass; the caller gets a new token, since the old one may have run out."""
        self.clock.forward(seconds)
        self.token = (await self.stable_token(self.acting))["access_token"]

    async def ended(self, msg_id: int) -> str:
        """The status of a mass message, as soon as its job has ended."""
        while True:
            answer = await self.post("/cgi-bin/message/mass/get", {"msg_id": str(msg_id)})
            if answer["msg_status"] != "SENDING":
                return str(answer["msg_status"])
            await asyncio.sleep(0.01)

    async def upload(
        self,
        path: str,
        content: bytes,
        name: str = "cover.png",
        *,
        token: str | None = None,
        description: str | None = None,
        **query: str,
    ) -> dict[str, Any]:
        form = aiohttp.FormData()
        form.add_field("media", io.BytesIO(content), filename=name, content_type="application/octet-stream")
        if description is not None:
            form.add_field("description", description)
        query["access_token"] = self.token if token is None else token
        async with self.http.post(self.url + path, params=query, data=form) as response:
            assert response.status == 200
            return decoded(await response.read())

    async def cover(self, *, token: str | None = None) -> str:
        """The media_id of a permanent image."""
        answer = await self.upload("/cgi-bin/material/add_material", image(), token=token, type="image")
        return str(answer["media_id"])

    async def article(self, **fields: Any) -> dict[str, Any]:
        return {
            "title": "行政处罚决定",
            "content": "<p>正文</p>",
            "thumb_media_id": await self.cover(),
            **fields,
        }

    async def draft(self, *articles: dict[str, Any]) -> str:
        answer = await self.post("/cgi-bin/draft/add", {"articles": articles or [await self.article()]})
        return str(answer["media_id"])

    async def kept(self, **fields: Any) -> dict[str, Any]:
        """The article as the draft box keeps it."""
        answer = await self.post(
            "/cgi-bin/draft/get", {"media_id": await self.draft(await self.article(**fields))}
        )
        return dict(answer["news_item"][0])

    async def refusal(self, **fields: Any) -> int:
        """The code with which draft/add refuses such an article; 0 where it takes it."""
        answer = await self.post("/cgi-bin/draft/add", {"articles": [await self.article(**fields)]})
        return int(answer.get("errcode", 0))

    async def submit(self, *articles: dict[str, Any]) -> str:
        """The publish_id of a new submission."""
        answer = await self.post("/cgi-bin/freepublish/submit", {"media_id": await self.draft(*articles)})
        assert answer["errcode"] == 0
        return str(answer["publish_id"])

    async def finished(self, publish_id: str) -> dict[str, Any]:
        """freepublish/get, as soon as the job has ended."""
        while True:
            answer = await self.post("/cgi-bin/freepublish/get", {"publish_id": publish_id})
            if answer["publish_status"] != 1:
                return answer
            await asyncio.sleep(0.01)

    async def share(self, **fields: Any) -> tuple[int, dict[str, Any]]:
        """HTTP status and answer of statuses/share with good values but for `fields` (None: left out)."""
        values = {
            "access_token": self.weibo["access_token"],
            "status": f"环评公示 {LINK}",
            "rip": "203.0.113.20",
        }
        form = aiohttp.FormData()
        for name, value in {**values, **fields}.items():
            if isinstance(value, bytes):
                form.add_field(name, io.BytesIO(value), filename="p", content_type="application/octet-stream")
            elif value is not None:
                form.add_field(name, value)
        async with self.http.post(f"{self.url}/2/statuses/share.json", data=form) as response:
            return response.status, await response.json()

    async def share_refusal(self, **fields: Any) -> int:
        """The code with which share refuses such a status; 0 where it takes it."""
        _, answer = await self.share(**fields)
        return int(answer.get("error_code", 0))

    async def timeline(self, **query: str) -> dict[str, Any]:
        query = {"access_token": self.weibo["access_token"], **query}
        return await self.get("/2/statuses/user_timeline.json", **query)


@asynccontextmanager
async def platform(
    service_url: str, state: Path | None = None, *, clock: MovableClock | None = None
) -> AsyncIterator[Platform]:
    """A sandbox that runs on a free port and knows the demo's accounts."""
    clock = clock or MovableClock()
    runner = web.AppRunner(create_app(state=state, public_url=service_url, clock=clock), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, HOME, 0).start()
    async with aiohttp.ClientSession() as http:
        running = Platform(http, f"http://{HOME}:{runner.addresses[0][1]}", clock)
        running.accounts = await running.control("accounts")
        running.token = (await running.stable_token())["access_token"]
        yield running
    await runner.cleanup()


@asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    """A service on a free port whose callback takes whatever is pushed."""
    service = Service("")
    app = web.Application()
    app.router.add_post("/callbacks/wechat/{account}", service.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, HOME, 0).start()
    service.url = f"http://{HOME}:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


def opened(account: dict[str, Any] | None, push: tuple[dict[str, str], str]) -> dict[str, Any]:
    """The message of a push, its signatures checked; without an account one that came in plain."""
    query, body = push
    if account is None:
        return dict(xmltodict.parse(body)["xml"])
    expected = "".join(sorted([account["token"], query["timestamp"], query["nonce"]]))
    assert query["signature"] == hashlib.sha1(expected.encode()).hexdigest()
    assert query["encrypt_type"] == "aes"
    crypto = WeChatCrypto(account["token"], account["encoding_aes_key"], account["appid"])
    text = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
    return dict(xmltodict.parse(text)["xml"])


def decoded(raw: bytes) -> dict[str, Any]:
    return dict(json.loads(raw.decode()))


def wav(seconds: float) -> bytes:
    """Silence of that length."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", ""))
        sound.writeframes(bytes([128]) * round(8000 * seconds))
    return buffer.getvalue()


def mp3(frames: int, kbit: int = 32) -> bytes:
    """Silence in frames of 1152 samples at 44.1 kHz, 26.122 ms each; 32 or 320 kbit a second."""
    header = {32: b"\xff\xfb\x10\xc4", 320: b"\xff\xfb\xe0\xc4"}[kbit]
    return (header + bytes(144_000 * kbit // 44_100 - len(header))) * frames


def amr(frames: int) -> bytes:
    """Silence in frames of 20 ms at 12.2 kbit/s."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * frames


def mp4(padding: int = 0) -> bytes:
    """The beginning of a film; `padding` bytes make it as large as a test wants."""
    return b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + bytes(padding)


def image(kind: str = "PNG", padding: int = 0) -> bytes:
    """A small picture; `padding` bytes behind its end make it as large as a test wants."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), "#2e7d32").save(buffer, kind)
    return buffer.getvalue() + bytes(padding)
