"""`python -m bench.raw_delivery HOW SANDBOX REDIS POSTS PROCESSES`: the HTTP calls that posts need, and nothing else;
prints posts a second. HOW is `arq` (a job a post, arq's own worker) or `bare` (a loop).

Of fifty posts one is WeChat's (draft/add, freepublish/submit), the others are Weibo's (share with its picture), each
account one at a time as the platform wants it. Texts and picture are those of posts that have gone out already.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from typing import Any, Final

import aiohttp
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from arq.worker import Worker, func

from bench.service import PATIENCE_S, call
from tests.waiting import eventually

ARQ: Final = "arq"
BARE: Final = "bare"
_QUEUE: Final = "raw"
_DONE: Final = "raw:done"
_UP: Final = "raw:up"
_GO: Final = "raw:go"
_AT_ONCE: Final = 200


class Calls:
    """The calls of one post."""

    def __init__(self, sandbox: str) -> None:
        self._http = aiohttp.ClientSession(sandbox)
        requests = call(f"{sandbox}/_sandbox/requests?limit=5000")
        draft = next(one["body"] for one in requests if one["path"] == "/cgi-bin/draft/add")
        self._draft = {"articles": draft["articles"]}
        accounts = call(f"{sandbox}/_sandbox/accounts")
        self._weibo = [one for one in accounts if one["channel"] == "weibo"][1:]
        self._turns = [asyncio.Lock() for _ in self._weibo]
        wechat = accounts[0]
        asked = {"grant_type": "client_credential", "appid": wechat["appid"], "secret": wechat["secret"]}
        token = call(f"{sandbox}/cgi-bin/stable_token", asked)["access_token"]
        self._query = {"access_token": token}
        shown = next(one for one in call(f"{sandbox}/_sandbox/weibo/statuses") if one["picture"])
        self._status = shown["text"]
        with urllib.request.urlopen(sandbox + shown["picture"]) as picture:
            self._picture = picture.read()

    async def post(self, number: int) -> None:
        """All calls of the post of that number."""
        place = number % (len(self._weibo) + 1)
        if place == 0:
            await self._wechat()
        else:
            async with self._turns[place - 1]:
                await self._share(self._weibo[place - 1], number)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    async def _wechat(self) -> None:
        body = json.dumps(self._draft, ensure_ascii=False).encode()
        draft = await self._answer(self._http.post("/cgi-bin/draft/add", params=self._query, data=body))
        submit = {"media_id": draft["media_id"]}
        await self._answer(self._http.post("/cgi-bin/freepublish/submit", params=self._query, json=submit))

    async def _share(self, account: dict[str, Any], number: int) -> None:
        form = aiohttp.FormData()
        form.add_field("access_token", account["access_token"])
        form.add_field("status", f"{time.time_ns()} {number} {self._status}")
        form.add_field("rip", "203.0.113.20")
        form.add_field("pic", self._picture, filename="p.png", content_type="image/png")
        await self._answer(self._http.post("/2/statuses/share.json", data=form))

    async def _answer(self, request: Any) -> dict[str, Any]:
        async with request as response:
            members: dict[str, Any] = json.loads(await response.read())
        if members.get("errcode") or members.get("error_code"):
            raise RuntimeError(str(members))
        return members


async def _work(sandbox: str, redis_url: str) -> None:
    """One arq worker, until it is killed."""
    calls = Calls(sandbox)

    async def deliver(context: dict[str, Any], number: int) -> None:
        await calls.post(number)
        await context["redis"].incr(_DONE)

    worker = Worker(
        functions=[func(deliver, name="deliver")],
        queue_name=_QUEUE,
        redis_settings=RedisSettings.from_dsn(redis_url),
        poll_delay=0.02,
        max_jobs=_AT_ONCE,
        keep_result=0,
        handle_signals=False,
    )
    pool = await create_pool(RedisSettings.from_dsn(redis_url))
    await pool.incr(_UP)
    await eventually(lambda: pool.get(_GO), within_s=PATIENCE_S)
    await pool.aclose()
    await worker.async_run()


async def _arq(sandbox: str, redis_url: str, posts: int, processes: int) -> float:
    pool = await create_pool(RedisSettings.from_dsn(redis_url))
    await pool.delete(_DONE, _UP, _GO)
    for number in range(posts):
        await pool.enqueue_job("deliver", number, _queue_name=_QUEUE)
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.raw_delivery", "work", sandbox, redis_url, stderr=subprocess.DEVNULL
        )
        for _ in range(processes)
    ]
    try:
        await eventually(lambda: _has_come_to(pool, _UP, processes), within_s=PATIENCE_S)
        await pool.set(_GO, 1)
        began = time.monotonic()
        await eventually(lambda: _has_come_to(pool, _DONE, posts), within_s=PATIENCE_S)
        return posts / (time.monotonic() - began)
    finally:
        for one in workers:
            one.kill()
            await one.wait()
        await pool.aclose()


async def _has_come_to(pool: ArqRedis, key: str, number: int) -> bool:
    return int(await pool.get(key) or 0) >= number


async def _bare(sandbox: str, posts: int) -> float:
    calls = Calls(sandbox)
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with at_once:
            await calls.post(number)

    began = time.monotonic()
    await asyncio.gather(*(one(number) for number in range(posts)))
    await calls.close()
    return posts / (time.monotonic() - began)


def main(arguments: list[str]) -> None:
    """Runs it."""
    how, sandbox, redis_url, *counts = arguments
    if how == "work":
        asyncio.run(_work(sandbox, redis_url))
    elif how == ARQ:
        posts, processes = map(int, counts)
        print(asyncio.run(_arq(sandbox, redis_url, posts, processes)))
    else:
        print(asyncio.run(_bare(sandbox, int(counts[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
