"""A thousand approved items through the whole publish path, beside a bare loop of the same HTTP calls.

The path: outbox, arq, the sandbox over HTTP, its event at the callback, confirmed and tallied; one worker
process. The bare loop makes the same calls with aiohttp and does nothing else; the same number is under way.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import Table, func, insert, select

from bench import grounds
from bench.service import PROJECT, Service, call, running
from outreach.foundation.children import stop_child
from outreach.foundation.database import Base
from outreach.office.context import Office, open_office
from outreach.office.deliveries import MOST_UNDER_WAY as UNDER_WAY
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import count_by_state
from outreach.publishing.rules import NEEDS_ATTENTION
from outreach.settings import Settings
from outreach.statistics.queries import differences
from tests.builders import OfficeStory

ITEMS = int(os.environ.get("PIPELINE_ITEMS", "1000"))
_SAMPLE = "第000000号"
_TITLE = f"{_SAMPLE}行政处罚决定公示"
_COPIED: list[tuple[Table, str]] = [
    (Base.metadata.tables[name], key)
    for name, key in (("item", "id"), ("revision", "item_id"), ("post", "item_id"))
]
_SETTINGS = {"OUTREACH_DATABASE_URL", "OUTREACH_REDIS_URL", "OUTREACH_SECRET_KEY"}


def measure() -> dict[str, float]:
    """Posts a second of the service and of the bare loop, and their ratio, on both databases."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, ground in (("sqlite", grounds.sqlite), ("postgresql", grounds.postgresql)):
        with tempfile.TemporaryDirectory() as folder:
            async with ground(Path(folder)) as environment:
                figures |= {
                    f"{name}, {figure}": value for figure, value in (await _race(environment)).items()
                }
    return figures


async def _race(environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "outreach", "serve", "--sandbox", "--no-workers"]
    with running(command, PROJECT, Path(environment["HOME"]), environment) as service:
        office = open_office(_settings(service, environment))
        try:
            _open_wide(service)
            await _plan(office)
            path = await _publish(office, service)
            bare = await _bare_loop(office, service)
        finally:
            await office.close()
    return {"posts a second": path, "bare loop, posts a second": bare, "ratio to the bare loop": path / bare}


def _settings(service: Service, environment: dict[str, str]) -> Settings:
    given: dict[str, Any] = {
        name: service.environment[name] for name in service.environment if name in _SETTINGS
    }
    return Settings(
        home=Path(environment["HOME"]),
        wechat_base_url=service.sandbox_url,
        weibo_base_url=service.sandbox_url,
        **given,
    )


def _open_wide(service: Service) -> None:
    call(f"{service.sandbox_url}/_sandbox/settings", {"publish_delay_s": 0})
    for account in call(f"{service.sandbox_url}/_sandbox/accounts"):
        known = {name: account[name] for name in ("channel", "appid", "uid") if account.get(name)}
        wide = dict.fromkeys(account["limits"], 100_000_000)
        call(f"{service.sandbox_url}/_sandbox/accounts", {**known, "limits": wide})


async def _plan(office: Office) -> None:
    """One item goes all its way; the others are copies of it, with a title of their own."""
    sample = await OfficeStory(office).item(title=_TITLE).planned()
    async with office.db.begin() as session:
        connection = await session.connection()
        for table, key in _COPIED:
            query = select(table).where(table.c[key] == sample.id)
            (row,) = (await connection.execute(query)).mappings().all()
            await connection.execute(insert(table), [_copy(dict(row), key, n) for n in range(1, ITEMS)])


def _copy(row: dict[str, Any], key: str, number: int) -> dict[str, Any]:
    text = json.dumps(row.get("rendition"), ensure_ascii=False)
    title = f"第{number:06}号"
    copied = {"id": f"01{number:020}0000", key: f"01{number:020}0000", "public_id": f"p{number:09}"}
    copied |= {"rendition": json.loads(text.replace(_SAMPLE, title)), "title": _TITLE.replace(_SAMPLE, title)}
    return {**row, **{name: value for name, value in copied.items() if name in row}}


async def _publish(office: Office, service: Service) -> float:
    """Posts a second, from the worker's first call to the last confirmation."""
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "outreach", "worker"),
        cwd=PROJECT,
        env=service.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while await _number_published(office) < ITEMS:
            if worker.returncode is not None:
                raise RuntimeError(f"the worker ended with {worker.returncode}")
            await asyncio.sleep(0.2)
    finally:
        await stop_child(worker, patience_s=60)
    async with office.db.read() as session:
        last = await session.scalar(select(func.max(Post.confirmed_at)))
        if wrong := await differences(session, office.settings.zone):
            raise RuntimeError(f"tallies differ: {wrong}")
    if last is None or len(_articles(service)) != ITEMS:
        raise RuntimeError("the sandbox does not show what was confirmed")
    first = call(f"{service.sandbox_url}/_sandbox/requests?limit=1")[0]["at"]
    return ITEMS / (last.timestamp() - float(first))


async def _bare_loop(office: Office, service: Service) -> float:
    """The calls of the same posts: draft/add and freepublish/submit; the events go to whoever says 'success'."""
    account = call(f"{service.sandbox_url}/_sandbox/accounts")[0]
    body = json.dumps(await _a_draft(office, service), ensure_ascii=False).encode()
    at_once = asyncio.Semaphore(UNDER_WAY)
    async with (
        _whoever_says_success(ITEMS) as (callback, all_told),
        aiohttp.ClientSession(service.sandbox_url) as http,
    ):
        call(
            f"{service.sandbox_url}/_sandbox/accounts",
            {"channel": "wechat", "appid": account["appid"], "callback_url": callback},
        )
        token = await _json(
            http.post(
                "/cgi-bin/stable_token",
                json={
                    "grant_type": "client_credential",
                    "appid": account["appid"],
                    "secret": account["secret"],
                },
            )
        )
        query = {"access_token": token["access_token"]}

        async def post() -> None:
            async with at_once:
                draft = await _json(http.post("/cgi-bin/draft/add", params=query, data=body))
                submit = {"media_id": draft["media_id"]}
                await _json(http.post("/cgi-bin/freepublish/submit", params=query, json=submit))

        began = time.monotonic()
        await asyncio.gather(*(post() for _ in range(ITEMS)))
        await all_told.wait()
        return ITEMS / (time.monotonic() - began)


async def _a_draft(office: Office, service: Service) -> dict[str, Any]:
    """What the service sent for one of its posts."""
    requests = call(f"{service.sandbox_url}/_sandbox/requests?limit=50")
    return next(dict(one["body"]) for one in requests if one["path"] == "/cgi-bin/draft/add")


@asynccontextmanager
async def _whoever_says_success(events: int) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A callback's address, and the sign that it was told so many events."""
    told, all_told = 0, asyncio.Event()

    async def success(request: web.Request) -> web.Response:
        nonlocal told
        await request.read()
        told += 1
        if told == events:
            all_told.set()
        return web.Response(text="success")

    app = web.Application()
    app.add_routes([web.post("/callback", success)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/callback", all_told
    await runner.cleanup()


async def _json(request: Any) -> dict[str, Any]:
    async with request as response:
        members: dict[str, Any] = json.loads(await response.read())
    if members.get("errcode"):
        raise RuntimeError(str(members))
    return members


async def _number_published(office: Office) -> int:
    async with office.db.read() as session:
        states = await count_by_state(session)
    if stuck := {state: number for state, number in states.items() if state in NEEDS_ATTENTION}:
        raise RuntimeError(f"posts that did not go out: {stuck}")
    return states.get(PostState.PUBLISHED, 0)


def _articles(service: Service) -> list[Any]:
    return list(call(f"{service.sandbox_url}/_sandbox/wechat/articles"))
