"""What the tests of the channels stand on: the running sandbox, an office with accounts, one delivery."""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from PIL import Image

from outreach.channels.factory import Channels
from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.protocol import Article, Picture, Status
from outreach.foundation import clock
from outreach.foundation.database import Database
from outreach.foundation.ids import new_id
from outreach.foundation.media import MediaStore
from outreach.foundation.seal import Sealer
from outreach.sandbox.app import create_app
from outreach.sandbox.context import SANDBOX

Json = dict[str, Any]
Answer = TypeVar("Answer")


async def eventually(ask: Callable[[], Awaitable[Answer | None]]) -> Answer:
    """What `ask` answers as soon as it answers something."""
    async with asyncio.timeout(10):
        for _ in itertools.count():
            if answer := await ask():
                return answer
            await asyncio.sleep(0.01)
    raise AssertionError("unreachable")


@dataclass
class SandboxServer:
    """The sandbox on a port of this machine, and its control calls. `pushed` is what it sent to the callback."""

    runner: web.AppRunner
    url: str
    http: aiohttp.ClientSession
    pushed: asyncio.Queue[tuple[Json, bytes]]

    async def get(self, call: str) -> Any:
        async with self.http.get(f"{self.url}/_sandbox/{call}") as response:
            return await response.json()

    async def post(self, call: str, **values: Any) -> Any:
        async with self.http.post(f"{self.url}/_sandbox/{call}", json=values) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def fault(self, path: str, action: str, value: float | None = None, times: int = 1) -> None:
        await self.post("faults", path=path, action=action, value=value, times=times)

    def expire_tokens(self) -> None:
        """All tokens end before the time that was told."""
        self.runner.app[SANDBOX].store.run("UPDATE token SET issued_at = issued_at - 7200")

    async def calls(self, path: str) -> list[Json]:
        return [call for call in await self.get("requests") if call["path"] == path]


async def receive_pushes(pushed: asyncio.Queue[tuple[Json, bytes]]) -> web.AppRunner:
    """A callback that writes down what WeChat pushes and takes it."""

    async def take(request: web.Request) -> web.Response:
        pushed.put_nowait((dict(request.query), await request.read()))
        return web.Response(text="success")

    app = web.Application()
    app.add_routes([web.post("/callbacks/wechat/{id}", take)])
    return await serve(app)


async def run_sandbox(public_url: str) -> tuple[web.AppRunner, str]:
    runner = await serve(create_app(public_url=public_url))
    return runner, url_of(runner)


async def serve(app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def url_of(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


def closed_port_url() -> str:
    """An address of this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class Office:
    """A database, a media store and sealed accounts; `at_another_desk` opens the same a second time."""

    def __init__(
        self, home: Path, database_url: str, sandbox: SandboxServer, *, base_url: str | None = None
    ) -> None:
        self.home = home
        self.database_url = database_url
        self.sandbox = sandbox
        self.base_url = base_url or sandbox.url
        self.sealer = Sealer(b"a secret key for tests")
        self.db = Database(database_url, audit_key=b"audit")
        self.media = MediaStore(home / "media")
        self.channels = Channels(
            db=self.db,
            sealer=self.sealer,
            media=self.media,
            wechat_base_url=self.base_url,
            wechat_open_url=self.base_url,
            weibo_base_url=self.base_url,
        )
        self._desks: list[Office] = []
        self._numbers = 0

    def at_another_desk(self, *, base_url: str | None = None) -> Office:
        desk = Office(self.home, self.database_url, self.sandbox, base_url=base_url)
        self._desks.append(desk)
        return desk

    async def close(self) -> None:
        for desk in self._desks:
            await desk.close()
        await self.channels.close()
        await self.db.close()

    async def wechat(self, *, verified: bool = True, **credentials: Any) -> Account:
        """An account of our own in the sandbox; `credentials` differ from what the sandbox knows."""
        accounts = await self.sandbox.post("accounts", channel="wechat", verified=verified)
        known = {name: accounts[-1][name] for name in ("appid", "secret", "token", "encoding_aes_key")}
        return await self._account(ChannelName.WECHAT, verified, known | credentials)

    async def weibo(self, **credentials: Any) -> Account:
        accounts = await self.sandbox.post("accounts", channel="weibo")
        known = {name: accounts[-1][name] for name in ("app_key", "app_secret", "uid", "access_token")}
        return await self._account(ChannelName.WEIBO, True, known | {"rip": "203.0.113.20"} | credentials)

    async def picture(self, colour: str = "green", *, noise: int = 0) -> Picture:
        """A JPEG in the media store; with `noise` a side of that many pixels, which no encoder makes small."""
        image = Image.effect_noise((noise, noise), 100) if noise else Image.new("RGB", (90, 40), colour)
        content = io.BytesIO()
        image.save(content, "JPEG", quality=95)
        sha256 = await self.media.put(content.getvalue())
        return Picture(sha256, f"{colour}.jpg", "image/jpeg")

    async def article(self, title: str = "关于某项目环评文件的公示", **changes: Any) -> Article:
        inside = await self.picture("blue")
        return Article(
            **{
                "title": title,
                "author": "市生态环境局",
                "digest": "公示摘要",
                "html": f'<p>正文 &amp; 附图</p><img src="media:{inside.sha256}"><p>公示期十日。</p>',
                "source_url": f"http://127.0.0.1/p/{hashlib.sha256(title.encode()).hexdigest()[:12]}",
                "cover": await self.picture("green"),
                "pictures": (inside,),
                **changes,
            }
        )

    async def status(self, text: str = "【环评公示】某项目环评文件公示十日。", **changes: Any) -> Status:
        link = f"http://127.0.0.1:8080/p/{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        return Status(**{"text": f"{text}详情：{link}", "picture": await self.picture("blue"), **changes})

    async def _account(self, channel: ChannelName, verified: bool, credentials: Json) -> Account:
        self._numbers += 1
        account = Account(
            id=new_id(),
            number=self._numbers,
            channel=channel,
            name=f"测试账号{self._numbers}",
            type=AccountType.SERVICE if channel is ChannelName.WECHAT else None,
            verified=verified,
            sealed_credentials=self.sealer.seal(credentials),
            created_at=clock.now(),
        )
        async with self.db.begin() as session:
            session.add(account)
        return account


@dataclass
class Delivery:
    """The progress of one delivery. `on_release` is awaited when the publishing call is about to be made."""

    media_id: str | None = None
    release_began: bool = False
    steps: list[str] = field(default_factory=list)
    on_release: Callable[[], Awaitable[None]] | None = None

    async def remember_release(self, media_id: str | None = None) -> None:
        if self.on_release is not None:
            await self.on_release()
        self.media_id, self.release_began = media_id, True
        self.steps.append("release")
