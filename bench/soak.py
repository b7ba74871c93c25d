"""An hour of posts with one fault in a hundred calls: nothing is lost or doubled, and memory stays what it was.

`SOAK_MINUTES` (60) and `SOAK_A_SECOND` (5 posts) make it shorter or gentler; `SOAK_SEED` repeats its faults.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import func, select

from bench import grounds
from bench.delivery import settings_of
from bench.many_posts import ManyPosts, number_in
from bench.service import PROJECT, Service, call, running
from outreach.channels.model import Account
from outreach.foundation import audit, clock
from outreach.office.context import Office, open_office
from outreach.publishing.model import Post, PostState
from outreach.statistics.queries import differences

MINUTES: Final = int(os.environ.get("SOAK_MINUTES", "60"))
A_SECOND: Final = float(os.environ.get("SOAK_A_SECOND", "5"))
WEIBO_ACCOUNTS: Final = 49
ONE_FAULT_IN: Final = 100
_PATIENCE_S: Final = 900
_ENDS: Final = {PostState.PUBLISHED, PostState.NEEDS_PERSON, PostState.FAILED}
_MIB: Final = 1024**2
_TROUBLES: Final = (
    ("/2/statuses/share.json", "drop_before", None),
    ("/2/statuses/share.json", "drop_after", None),
    ("/2/statuses/share.json", "http", 502),
    ("/2/statuses/share.json", "delay", 2),
    ("/2/statuses/share.json", "errcode", 10009),
    ("/2/statuses/user_timeline.json", "http", 502),
    ("/cgi-bin/draft/add", "drop_after", None),
    ("/cgi-bin/draft/add", "errcode", -1),
    ("/cgi-bin/freepublish/submit", "drop_before", None),
    ("/cgi-bin/freepublish/submit", "drop_after", None),
)


def measure() -> dict[str, float]:
    """Posts, faults, how they ended, and the memory of each process after a tenth of the time and at the end."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    seed = int(os.environ.get("SOAK_SEED", secrets.randbelow(10**9)))
    print(f"SOAK_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async with grounds.postgresql(Path(folder)) as environment:
            command = [sys.executable, "-m", "outreach", "serve", "--sandbox"]
            given = {**environment, "LOOKUP_AFTER_S": "2"}
            with running(command, PROJECT, Path(environment["HOME"]), given) as service:
                office = open_office(settings_of(service, environment))
                try:
                    return await _soak(office, service, random.Random(seed))
                finally:
                    await office.close()


async def _soak(office: Office, service: Service, chance: random.Random) -> dict[str, float]:
    posts = ManyPosts(office)
    await posts.begin(service, WEIBO_ACCOUNTS)
    planned = faults = 0
    early: dict[str, float] = {}
    for minute in range(MINUTES):
        number = round(A_SECOND * 60)
        await posts.plan(number, clock.now() + timedelta(seconds=1), A_SECOND)
        planned += number
        for _ in range(max(1, number // ONE_FAULT_IN)):
            path, action, value = chance.choice(_TROUBLES)
            fault: dict[str, Any] = {"path": path, "action": action, "value": value, "times": 1}
            call(f"{service.sandbox_url}/_sandbox/faults", fault)
            faults += 1
        await asyncio.sleep(60)
        if minute == max(1, MINUTES // 10):
            early = _memory(service)
    await _until_settled(office)
    late = _memory(service)
    return {
        **await _ended(office, service, planned),
        "faults": faults,
        **{f"{role}, MiB after a tenth": mib for role, mib in early.items()},
        **{f"{role}, MiB at the end": late[role] for role in early},
    }


async def _until_settled(office: Office) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while (await _states(office)).keys() - _ENDS:  # noqa: ASYNC110 - what it waits for happens elsewhere
            await asyncio.sleep(2)


async def _states(office: Office) -> Counter[PostState]:
    """Of all posts but the samples, which wait for a time far ahead."""
    soon = clock.now() + timedelta(days=1)
    async with office.db.read() as session:
        query = select(Post.state, func.count()).where(Post.due_at < soon).group_by(Post.state)
        return Counter(dict((await session.execute(query)).tuples().all()))


async def _ended(office: Office, service: Service, planned: int) -> dict[str, float]:
    """Raises RuntimeError where anything was doubled, lost or not told."""
    states = await _states(office)
    if states.total() != planned:
        raise RuntimeError(f"{planned} were planned, {states} are there")
    articles = call(f"{service.sandbox_url}/_sandbox/wechat/articles")
    statuses = call(f"{service.sandbox_url}/_sandbox/weibo/statuses")
    shown = Counter(number_in(one.get("title") or one["text"]) for one in [*articles, *statuses])
    if doubled := [number for number, times in shown.items() if times > 1]:
        raise RuntimeError(f"doubled: {doubled}")
    async with office.db.read() as session:
        untold = select(func.count()).where(
            Post.state.in_({PostState.NEEDS_PERSON, PostState.FAILED}), Post.problem_message.is_(None)
        )
        wrong = await session.scalar(untold), await differences(session, office.settings.zone)
        broken = await audit.verify(session)
        paused = list(await session.scalars(select(Account.name).where(Account.paused_at.is_not(None))))
    if any(wrong) or broken or paused:
        raise RuntimeError(f"not told {wrong[0]}, tallies {wrong[1]}, audit {broken}, paused {paused}")
    if len(shown) < states[PostState.PUBLISHED]:
        raise RuntimeError(f"{states[PostState.PUBLISHED]} are said to be out, {len(shown)} are shown")
    return {
        "posts": planned,
        "published": states[PostState.PUBLISHED],
        "left to a person": states[PostState.NEEDS_PERSON],
        "failed with a reason": states[PostState.FAILED],
        "doubled": 0,
        "lost": 0,
    }


def _memory(service: Service) -> dict[str, float]:
    root = psutil.Process(service.process.pid)
    held: dict[str, float] = {}
    for process in (root, *root.children(recursive=True)):
        line = " ".join(process.cmdline())
        role = "workers" if line.endswith(" worker") else "web" if process.pid == root.pid else ""
        if role:
            held[role] = process.memory_full_info().pss / _MIB
    return held
