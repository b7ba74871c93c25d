"""A notice to a hundred thousand followers while each second a worker, chosen at random among those at work, is killed (kill -9)
and another one started, and Redis is emptied once: whom the platform was asked for, how often, and under which ids.

Fails where a follower was left out, was asked for under two ids, or where what is kept of the recipients is not what the
platform saw. `FANOUT_FOLLOWERS`, `FANOUT_KILLS` (20: how many) and `FANOUT_SEED` (printed) change it.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil
from arq import create_pool
from sqlalchemy import func, select

from bench import grounds
from bench.fanout import FOLLOWERS, platform
from bench.many_subscribers import make_followers, new_notice
from bench.service import PATIENCE_S, PROJECT, call
from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.model import Notice, NoticeState
from outreach.followers.notices.queries import get_notice, progress_of
from outreach.foundation.children import stop_child
from outreach.foundation.queue import redis_settings
from outreach.office.context import Office, open_office
from tests.waiting import eventually

KILLS: Final = int(os.environ.get("FANOUT_KILLS", "20"))
SEED: Final = int(os.environ.get("FANOUT_SEED") or random.randrange(10**6))
_WORKERS: Final = 4
_EVERY_S: Final = 1.0
_UP_AFTER_CPU_S: Final = 4.0
"""A worker has read its modules and sends when it has used so much of a processor."""


def measure() -> dict[str, float]:
    """How often the platform was asked, and what came of it."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    print(f"FANOUT_SEED={SEED}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async with grounds.postgresql(Path(folder)) as environment:
            office = open_office(grounds.settings_of(environment))
            try:
                await make_followers(office, FOLLOWERS)
                with platform(0) as url:
                    return await _run(office, {**environment, "WECHAT_BASE_URL": url}, url)
            finally:
                await office.close()


async def _run(office: Office, environment: dict[str, str], url: str) -> dict[str, float]:
    notice = await new_notice(office, 1)
    workers = _Workers(environment)
    await workers.start()
    began = time.monotonic()
    try:
        await _kill_again_and_again(office, notice.id, workers)
        await eventually(lambda: _is_done(office, notice.id), within_s=PATIENCE_S)
    finally:
        await workers.stop()
    took = time.monotonic() - began
    seen = call(f"{url}/stats")
    if (seen["followers"], seen["under"]) != (FOLLOWERS, FOLLOWERS):
        raise RuntimeError(f"{FOLLOWERS} followers: {seen}")
    async with office.db.read() as session:
        progress = await progress_of(session, await get_notice(session, notice.id))
        notices = await session.scalar(select(func.count()).select_from(Notice))
    if notices != 1 or progress.by_state[RecipientState.SENT] != FOLLOWERS:
        raise RuntimeError(f"{notices} notices, {progress.by_state}")
    return {
        "followers": FOLLOWERS,
        "workers killed": workers.killed,
        "asked for, times": seen["calls"],
        "asked for again under the same id, times": seen["calls"] - FOLLOWERS,
        "most often for one follower": seen["greatest"],
        "seconds": took,
    }


async def _kill_again_and_again(office: Office, notice_id: str, workers: _Workers) -> None:
    """Until so many were killed, or nothing is left to tell."""
    chance = random.Random(SEED)
    redis = await create_pool(redis_settings(office.settings))
    try:
        while workers.killed < KILLS and not await _is_done(office, notice_id):
            await asyncio.sleep(_EVERY_S)
            await workers.kill_one(chance)
            if workers.killed == KILLS // 2:
                await redis.flushall()
    finally:
        await redis.aclose()


async def _is_done(office: Office, notice_id: str) -> bool:
    async with office.db.read() as session:
        return (await get_notice(session, notice_id)).state is NoticeState.DONE


class _Workers:
    """Workers of the queue `notify`, and one of `periodic` that wakes them."""

    def __init__(self, environment: dict[str, str]) -> None:
        given = {f"OUTREACH_{name}": value for name, value in environment.items()}
        self._environment = {**os.environ, **given}
        self._working: list[asyncio.subprocess.Process] = []
        self.killed = 0

    async def start(self) -> None:
        self._waking = await self._one("periodic")
        self._working = [await self._one("notify") for _ in range(_WORKERS)]

    async def kill_one(self, chance: random.Random) -> None:
        """One that has come up and is at work, where there is any; another takes its place."""
        up = [one for one in self._working if psutil.Process(one.pid).cpu_times().user > _UP_AFTER_CPU_S]
        if not up:
            return
        chosen = chance.choice(up)
        chosen.kill()
        await chosen.wait()
        self._working.remove(chosen)
        self._working.append(await self._one("notify"))
        self.killed += 1

    async def stop(self) -> None:
        for one in (self._waking, *self._working):
            await stop_child(one, patience_s=60)

    async def _one(self, queue: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "outreach", "worker", queue),
            cwd=PROJECT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
