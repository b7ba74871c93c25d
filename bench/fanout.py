"""A notice to a hundred thousand followers (`SIZE=full`: a million) with five subscriptions each, on PostgreSQL and Redis:
how long freezing its recipients takes, notices a second by one, two and four worker processes beside a bare aiohttp client
at the same endpoint in the same run, CPU time a notice, memory, and the slowest reading of the progress meanwhile; and the
same with 20 ms at the platform, beside what 64 calls under way can do at most.

`FANOUT_FOLLOWERS` and `FANOUT_WORKERS` (1,2,4) make it shorter.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from bench import grounds
from bench.many_subscribers import make_followers, new_notice
from bench.service import PROJECT, call
from outreach.followers.notices.model import NoticeState
from outreach.followers.notices.queries import get_notice, progress_of
from outreach.foundation.children import stop_child
from outreach.office.context import Office, open_office
from outreach.office.start_notices import start_due

FOLLOWERS: Final = int(
    os.environ.get("FANOUT_FOLLOWERS") or (1_000_000 if os.environ.get("SIZE") == "full" else 100_000)
)
WORKERS: Final = tuple(int(one) for one in os.environ.get("FANOUT_WORKERS", "1,2,4").split(","))
LATENCY_S: Final = 0.02
_UNDER_WAY: Final = 64
_BARE: Final = min(FOLLOWERS, 100_000)


def measure() -> dict[str, float]:
    """Rates, ratios, times and sizes, by the number of worker processes."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with grounds.postgresql(Path(folder)) as environment:
            office = open_office(grounds.settings_of(environment))
            try:
                await make_followers(office, FOLLOWERS)
                for delay_s in (0.0, LATENCY_S):
                    with platform(delay_s) as url:
                        for workers in WORKERS if not delay_s else WORKERS[:1]:
                            run = await _run(
                                office, {**environment, "WECHAT_BASE_URL": url}, url, workers, delay_s
                            )
                            figures |= run
            finally:
                await office.close()
    return figures


async def _run(
    office: Office, environment: dict[str, str], url: str, workers: int, delay_s: float
) -> dict[str, float]:
    """One notice to all, by so many workers; and what the bare client does before and after."""
    notice = await new_notice(office, int(time.time() * 1000) % 10**9)
    began = time.perf_counter()
    await start_due(office)
    frozen_s = time.perf_counter() - began
    before = await _bare(url, workers)
    async with working(environment, ["notify"] * workers) as processes:
        used = await _until_done(office, notice.id, processes)
    seen = call(f"{url}/stats")
    if (seen["followers"], seen["greatest"]) != (FOLLOWERS, 1):
        raise RuntimeError(f"{FOLLOWERS} followers: {seen}")
    rate = FOLLOWERS / (seen["last"] - seen["first"])
    after = await _bare(url, workers)
    bare = (before.a_second + after.a_second) / 2
    name = f"{workers} workers" + (f", {int(delay_s * 1000)} ms" if delay_s else "")
    most = workers * _UNDER_WAY / delay_s if delay_s else bare
    return {
        f"{name}, frozen, s": frozen_s,
        f"{name}, notices a second": rate,
        f"{name}, the most there can be": most,
        f"{name}, ratio to it": rate / most,
        f"{name}, CPU of workers, μs a notice": used.cpu_s / FOLLOWERS * 1e6,
        f"{name}, CPU of the bare client, μs a call": (before.cpu_us + after.cpu_us) / 2,
        f"{name}, memory of a worker, MB": used.memory_mb,
        f"{name}, progress read, slowest, ms": used.progress_ms,
    }


class _Bare(NamedTuple):
    a_second: float
    cpu_us: float


class _Used:
    """What worker processes took together: CPU, and the most memory of one; and how long reading the progress took at
    most."""

    def __init__(self) -> None:
        self.cpu_s, self.memory_mb, self.progress_ms = 0.0, 0.0, 0.0

    def note(self, processes: list[psutil.Process]) -> None:
        times = [one.cpu_times() for one in processes]
        self.cpu_s = sum(one.user + one.system for one in times)
        self.memory_mb = max(self.memory_mb, *(one.memory_info().rss / 2**20 for one in processes))


async def _until_done(office: Office, notice_id: str, processes: list[psutil.Process]) -> _Used:
    used = _Used()
    used.note(processes)
    before = used.cpu_s
    while True:
        began = time.perf_counter()
        async with office.db.read() as session:
            notice = await get_notice(session, notice_id)
            await progress_of(session, notice)
        used.progress_ms = max(used.progress_ms, (time.perf_counter() - began) * 1000)
        used.note(processes)
        if notice.state is NoticeState.DONE:
            used.cpu_s -= before
            return used
        await asyncio.sleep(0.2)


async def _bare(url: str, processes: int) -> _Bare:
    """What so many bare clients do together."""
    running_ = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.raw_notices", url, str(_BARE // processes)),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
        )
        for _ in range(processes)
    ]
    told = [await one.communicate() for one in running_]
    call(f"{url}/stats")
    each = [[float(figure) for figure in out.split()] for out, _ in told]
    return _Bare(sum(rate for rate, _ in each), sum(cpu_us for _, cpu_us in each) / processes)


@contextmanager
def platform(delay_s: float) -> Iterator[str]:
    """A bare platform that answers so much later; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare_platform", str(delay_s)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)


@asynccontextmanager
async def working(environment: dict[str, str], queues: Sequence[str]) -> AsyncIterator[list[psutil.Process]]:
    """A worker process of each of `queues`, and one of `periodic` that wakes them."""
    variables = {**os.environ, **{f"OUTREACH_{name}": value for name, value in environment.items()}}
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "outreach", "worker", queue),
            cwd=PROJECT,
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for queue in ("periodic", *queues)
    ]
    try:
        yield [psutil.Process(one.pid) for one in processes[1:]]
    finally:
        for one in processes:
            await stop_child(one, patience_s=60)
