"""Figures out of five million posts of ten years, on SQLite and on PostgreSQL: a month, a year, a recount, and what it
costs to keep the tallies where eight workers confirm posts at once. Beside it, in the same run, the plain GROUP BY over
the posts with the best index there is for it.

`STATISTICS_POSTS` (5000000) makes it smaller.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

import uvloop
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import raiseload

from bench import grounds
from bench.many_years import FIRST_YEAR, WAITED, ManyYears
from outreach import migrations
from outreach.channels.protocol import Published
from outreach.foundation.clock import SHANGHAI
from outreach.items.model import Kind
from outreach.office import confirm_post
from outreach.office.context import Office, open_office
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
from outreach.publishing.service import Confirmation
from outreach.statistics import service as statistics
from outreach.statistics.queries import differences, month_figures, year_figures
from outreach.statistics.queries.posts import PostFilter, counted_posts
from outreach.statistics.queries.recount import month_of_column
from outreach.statistics.queries.timeliness import timeliness
from outreach.statistics.rules import bounds_of, months_of

POSTS: Final = int(os.environ.get("STATISTICS_POSTS", "5000000"))
_YEAR: Final = FIRST_YEAR + 5
_TIMES: Final = 30
_WORKERS: Final = 8
_BATCH: Final = 25
_ROUNDS: Final = 5
_BEST_INDEX: Final = "CREATE INDEX best ON post (published_at, account_id, kind, section_id, origin, state)"


def measure() -> dict[str, float]:
    """Milliseconds, seconds and ratios, by database."""
    return uvloop.run(_measure())  # as the web process does


async def _measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, ground in (("postgresql", grounds.postgresql), ("sqlite", grounds.sqlite)):
        with tempfile.TemporaryDirectory() as folder:
            async with ground(Path(folder)) as environment:
                for figure, value in (await _on(environment)).items():
                    print(f"{name}, {figure}: {value:.2f}", flush=True)
                    figures[f"{name}, {figure}"] = value
    return figures


async def _on(environment: dict[str, str]) -> dict[str, float]:
    office = open_office(grounds.settings_of(environment))
    try:
        await migrations.upgrade(office.db)
        years = ManyYears(office)
        await years.begin()
        cost = await _cost_of_keeping(office, years)
        began = time.perf_counter()
        await years.make(POSTS)
        print(f"{POSTS} posts made in {time.perf_counter() - began:.0f} s", flush=True)
        return {**cost, **await _reads(office, await years.rows())}
    finally:
        await office.close()


async def _reads(office: Office, rows: int) -> dict[str, float]:
    month = await _milliseconds(office, lambda session: month_figures(session, f"{_YEAR}-03"))
    year = await _milliseconds(office, lambda session: year_figures(session, _YEAR))
    narrow = PostFilter(str(_YEAR), kind=Kind.PENALTY)
    behind = await _milliseconds(
        office, lambda session: counted_posts(session, narrow, None, SHANGHAI, limit=50)
    )
    late = await _milliseconds(office, lambda session: timeliness(session, str(_YEAR), None, SHANGHAI), 3)
    began = time.perf_counter()
    async with office.db.snapshot() as session:
        wrong = await differences(session, SHANGHAI)
    recount = time.perf_counter() - began
    if wrong:
        raise RuntimeError(f"{len(wrong)} counts differ from the posts")
    engine = office.db.engine.execution_options(outreach_writes=True)
    async with engine.begin() as connection:
        await connection.execute(text(_BEST_INDEX))
    if office.db.engine.dialect.name == "postgresql":
        async with office.db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as vacuuming:
            await vacuuming.execute(text("VACUUM ANALYZE post"))
    scanned_month = await _milliseconds(office, lambda session: _scan(session, [f"{_YEAR}-03"]), 5)
    scanned_year = await _milliseconds(office, lambda session: _scan(session, months_of(_YEAR)), 3)
    return {
        "tally rows": rows,
        "month page's figures, ms": month,
        "year page's figures, ms": year,
        "fifty posts behind a year's figure, ms": behind,
        "a year's timeliness by section, ms": late,
        "GROUP BY over a month's posts, ms": scanned_month,
        "GROUP BY over a year's posts, ms": scanned_year,
        "month, times as fast": scanned_month / month,
        "year, times as fast": scanned_year / year,
        "recount of everything, s": recount,
    }


async def _scan(session: AsyncSession, months: list[str]) -> Any:
    month = month_of_column(Post.published_at, months, SHANGHAI).label("month")
    start, end = bounds_of(months[0], SHANGHAI)[0], bounds_of(months[-1], SHANGHAI)[1]
    key = (Post.account_id, Post.kind, Post.section_id, Post.origin)
    query = (
        select(month, *key, func.count())
        .where(Post.published_at >= start, Post.published_at < end)
        .group_by(text("month"), *key)
    )
    return (await session.execute(query)).all()


async def _milliseconds(
    office: Office, read: Callable[[AsyncSession], Awaitable[Any]], times: int = _TIMES
) -> float:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        async with office.db.read() as session:
            await read(session)
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent)


async def _cost_of_keeping(office: Office, years: ManyYears) -> dict[str, float]:
    """Posts a second that eight workers confirm at once with tallies and without them, by turns."""
    with_tallies, without = [], []
    count = statistics.count_published
    for number in range(_ROUNDS * 2):
        kept = number % 2 == 0
        held = await years.wait(_WORKERS * _BATCH * 10)
        statistics.count_published = count if kept else _count_nothing
        try:
            began = time.perf_counter()
            await asyncio.gather(*(_confirm(office, held[one::_WORKERS]) for one in range(_WORKERS)))
            (with_tallies if kept else without).append(len(held) / (time.perf_counter() - began))
        finally:
            statistics.count_published = count
    rate, bare = median(with_tallies), median(without)
    return {
        "posts a second confirmed with tallies": rate,
        "without": bare,
        "keeping the tallies costs, %": (1 - rate / bare) * 100,
    }


async def _count_nothing(*_: Any) -> None:
    return None


async def _confirm(office: Office, ids: list[str]) -> None:
    for first in range(0, len(ids), _BATCH):
        async with office.db.begin() as session:
            query = select(Post).where(Post.id.in_(ids[first : first + _BATCH])).order_by(Post.id)
            posts = await session.scalars(query.options(raiseload(Post.item)).with_for_update(of=Post))
            proofs = [
                Confirmation(post, PostAction.PUBLISH, Published("1", "http://127.0.0.1/1", WAITED))
                for post in posts
            ]
            await confirm_post.confirm_held(session, proofs, SHANGHAI)
