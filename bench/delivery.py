"""Ten thousand posts over one, two and four worker processes, on PostgreSQL and Redis: posts a second, beside arq
jobs that make the same HTTP calls and store nothing, and beside the same calls without arq; and how long after its
planned time a post's first call is at the platform, at half that rate, with few and with a million finished posts.

The rates are measured by `DELIVERY_TURNS` (4). `DELIVERY_POSTS` (10000), `DELIVERY_WORKERS` (1,2,4), `DELIVERY_FINISHED`
(1000000) and `DELIVERY_AHEAD_S` (60: how long planning may take) make it shorter.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from bench import grounds
from bench.many_posts import ManyPosts, number_in
from bench.raw_delivery import ARQ, BARE
from bench.service import PROJECT, Service, call, running
from outreach.channels.budget_rules import STATUSES
from outreach.channels.model import CallBudget
from outreach.foundation import clock
from outreach.foundation.children import stop_child
from outreach.office.context import Office, open_office
from outreach.publishing.model import Post, PostState
from outreach.settings import Settings

POSTS: Final = int(os.environ.get("DELIVERY_POSTS", "10000"))
TURNS: Final = int(os.environ.get("DELIVERY_TURNS", "4"))
IN_A_TURN: Final = POSTS // TURNS
WORKERS: Final = tuple(int(one) for one in os.environ.get("DELIVERY_WORKERS", "1,2,4").split(","))
FINISHED: Final = int(os.environ.get("DELIVERY_FINISHED", "1000000"))
WEIBO_ACCOUNTS: Final = 49  # beside the one of WeChat: each sends one at a time
_AHEAD: Final = timedelta(
    seconds=float(os.environ.get("DELIVERY_AHEAD_S", "60"))
)  # to plan them and start workers
_OURS: Final = "ours"
_STUCK: Final = {PostState.FAILED, PostState.NEEDS_PERSON}
_CALLS: Final = {"/cgi-bin/draft/add", "/2/statuses/share.json"}


def measure() -> dict[str, float]:
    """Rates, ratios and latencies, by the number of worker processes."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    for workers in WORKERS:
        with tempfile.TemporaryDirectory() as folder:
            async with grounds.postgresql(Path(folder)) as environment:
                figures |= {
                    f"{workers} workers, {name}": value
                    for name, value in (await _run(environment, workers)).items()
                }
    return figures


async def _run(environment: dict[str, str], workers: int) -> dict[str, float]:
    command = [sys.executable, "-m", "outreach", "serve", "--sandbox", "--no-workers"]
    with running(command, PROJECT, Path(environment["HOME"]), environment) as service:
        office = open_office(settings_of(service, environment))
        try:
            posts = ManyPosts(office)
            await posts.begin(service, WEIBO_ACCOUNTS)
            rate, raw = await _rates(office, posts, service, environment, workers)
            few = await _latencies(office, posts, service, workers, rate / 2)
            print(f"pick-up at half load: p99 {_percentile(few, 0.99):.0f} ms", flush=True)
            await posts.finish(FINISHED)
            many = await _latencies(office, posts, service, workers, rate / 2)
        finally:
            await office.close()
    return {
        "posts a second": rate,
        "raw arq, posts a second": raw[ARQ],
        "without arq, posts a second": raw[BARE],
        "ratio to raw arq": rate / raw[ARQ],
        "pick-up at half load, p50 ms": _percentile(few, 0.5),
        "pick-up at half load, p99 ms": _percentile(few, 0.99),
        f"the same with {FINISHED} finished posts, p50 ms": _percentile(many, 0.5),
        f"the same with {FINISHED} finished posts, p99 ms": _percentile(many, 0.99),
        "p50 with many finished to with few": _percentile(many, 0.5) / _percentile(few, 0.5),
    }


async def _rates(
    office: Office, posts: ManyPosts, service: Service, environment: dict[str, str], workers: int
) -> tuple[float, dict[str, float]]:
    """Ours and what it is compared with, by turns: the machine may be busier at one time than at another."""
    a_post: dict[str, list[float]] = defaultdict(list)
    for turn in range(TURNS):
        rate = await _rate(office, posts, service, workers)
        raw = {name: await _raw_rate(service, environment, name, workers) for name in (ARQ, BARE)}
        print(f"{workers} workers, turn {turn + 1}: {rate:.1f} posts a second, {raw}", flush=True)
        for name, a_second in {_OURS: rate, **raw}.items():
            a_post[name].append(1 / a_second)
    rates = {name: TURNS / sum(taken) for name, taken in a_post.items()}
    return rates.pop(_OURS), rates


async def _rate(office: Office, posts: ManyPosts, service: Service, workers: int) -> float:
    """Posts a second, from the first call to the last confirmation, by workers that are at work already."""
    async with _working(service, workers):
        await _until_limits_are_known(office)
        begin = clock.now() + _AHEAD
        numbers = await posts.plan(IN_A_TURN, begin, None)
        _require_ahead(begin)
        await _until_out(office, numbers)
    calls = _first_calls(service, numbers)
    async with office.db.read() as session:
        last = await session.scalar(select(func.max(Post.confirmed_at)))
    if last is None:
        raise RuntimeError("nothing was confirmed")
    return IN_A_TURN / (last.timestamp() - min(calls.values()))


async def _latencies(
    office: Office, posts: ManyPosts, service: Service, workers: int, a_second: float
) -> list[float]:
    """Milliseconds from each post's planned time until its first call was at the platform; sorted."""
    begin = clock.now() + _AHEAD
    numbers = await posts.plan(POSTS, begin, a_second)
    async with _working(service, workers):
        _require_ahead(begin)
        await _until_out(office, numbers)
    return sorted(
        (called - begin.timestamp() - (number - numbers[0]) / a_second) * 1000
        for number, called in _first_calls(service, numbers).items()
    )


@asynccontextmanager
async def _working(service: Service, workers: int) -> AsyncIterator[None]:
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "outreach", "worker"),
            cwd=PROJECT,
            env=service.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(workers)
    ]
    try:
        await asyncio.sleep(3)  # they are up
        yield
        if ended := [one.returncode for one in processes if one.returncode is not None]:
            raise RuntimeError(f"workers ended with {ended}")
    finally:
        for one in processes:
            await stop_child(one, patience_s=60)


def _require_ahead(begin: datetime) -> None:
    if clock.now() > begin:
        raise RuntimeError(f"planning {POSTS} posts and starting workers took longer than {_AHEAD}")


async def _until_limits_are_known(office: Office) -> None:
    """A new account's are asked for by the first sweep, once a day."""
    query = select(func.count()).where(CallBudget.name == STATUSES.name, CallBudget.learned_at.is_not(None))
    while True:
        async with office.db.read() as session:
            if (await session.scalar(query) or 0) >= WEIBO_ACCOUNTS:
                return
        await asyncio.sleep(0.5)


async def _until_out(office: Office, numbers: range) -> None:
    """A lost answer is looked for; what only a person can settle would spoil the figures."""
    ids = (_post_id(numbers[0]), _post_id(numbers[-1]))
    while True:
        async with office.db.read() as session:
            query = (
                select(Post.state, Post.problem_code, func.count())
                .where(Post.id.between(*ids))
                .group_by(Post.state, Post.problem_code)
            )
            found = [tuple(row) for row in await session.execute(query)]
        if stuck := [row for row in found if row[0] in _STUCK]:
            raise RuntimeError(f"posts that did not go out: {stuck}")
        if sum(count for state, _, count in found if state is PostState.PUBLISHED) == len(numbers):
            return
        if lost := [row for row in found if row[0] is PostState.UNCERTAIN]:
            print(f"answers lost: {lost}", flush=True)
        await asyncio.sleep(0.5)


def _first_calls(service: Service, numbers: range) -> dict[int, float]:
    """When the first call of each post came to the platform. Raises RuntimeError where one never did, or is there
    twice."""
    found: dict[int, float] = {}
    after = 0
    while page := call(f"{service.sandbox_url}/_sandbox/requests?after={after}&limit=2000"):
        after = page[-1]["id"]
        for one in page:
            number = number_in(_text(one["body"])) if one["path"] in _CALLS else None
            if number in numbers:
                found.setdefault(number, float(one["at"]))
    articles = call(f"{service.sandbox_url}/_sandbox/wechat/articles")
    statuses = call(f"{service.sandbox_url}/_sandbox/weibo/statuses")
    texts = [one["title"] for one in articles] + [one["text"] for one in statuses]
    shown = Counter(number for text in texts if (number := number_in(text)) in numbers)
    if len(found) != len(numbers) or len(shown) != len(numbers) or shown.total() != len(numbers):
        raise RuntimeError(f"{len(numbers)} posts: {len(found)} came there, {shown.total()} are shown")
    return found


def _text(body: dict[str, Any]) -> str:
    return str(body["articles"][0]["title"] if "articles" in body else body["status"])


async def _raw_rate(service: Service, environment: dict[str, str], how: str, workers: int) -> float:
    """What the same calls come to where nothing is stored."""
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.raw_delivery", how, service.sandbox_url, environment["REDIS_URL"]),
        *(str(IN_A_TURN), str(workers)),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )
    told, _ = await done.communicate()
    if done.returncode:
        raise RuntimeError(f"bench.raw_delivery ended with {done.returncode}")
    return float(told.split()[-1])


def settings_of(service: Service, environment: dict[str, str]) -> Settings:
    """The installation's, for whoever works beside its processes."""
    bases = {"wechat_base_url": service.sandbox_url, "weibo_base_url": service.sandbox_url}
    return grounds.settings_of(environment, **bases)


def _post_id(number: int) -> str:
    return f"01{number:020}0000"


def _percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]
