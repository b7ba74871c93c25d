"""How long it took from the making of information to its disclosure, held against the deadline that it had.

Counted are contents: the first post of each item that the office made itself. The day of the post is told by the
office's clock, which has one offset all the year round (China has known no summer time since 1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item, Origin
from outreach.people.model import Person, Section
from outreach.publishing.model import Post
from outreach.statistics.queries.month import of_reader
from outreach.statistics.rules import period_bounds

_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Of the contents of one section (None: of all): how many there are, how many came after their deadline, how many
    calendar days they took together, and the longest of them."""

    section: str | None
    contents: int
    late: int
    days: int
    longest: int

    @property
    def on_time(self) -> int:
        """How many came on the last day of their term or before."""
        return self.contents - self.late

    @property
    def rate(self) -> float | None:
        """The share that came on time, in percent with one decimal; None where there is nothing."""
        return round(100 * self.on_time / self.contents, 1) if self.contents else None

    @property
    def average(self) -> float | None:
        """Calendar days on average, with one decimal."""
        return round(self.days / self.contents, 1) if self.contents else None


async def timeliness(
    session: AsyncSession, period: str, reader: Person | None, zone: ZoneInfo
) -> list[Timeliness]:
    """The sections that published anything of their own for the first time in `period` (`YYYY-MM` or `YYYY`), by name,
    and all of them together last; none where there is nothing."""
    first, end = period_bounds(period, zone)
    took = days_taken(first, zone)
    query = (
        select(
            Section.name,
            func.count(),
            func.sum(case((is_late(first, zone), 1), else_=0)),
            func.sum(took),
            func.max(took),
        )
        .select_from(Post)
        .join(Item, Item.id == Post.item_id)
        .join(Section, Section.id == Post.section_id)
        .where(
            Post.published_at >= first,
            Post.published_at < end,
            Post.origin == Origin.ORIGINAL,
            Item.first_post_id == Post.id,
            *of_reader(Post.section_id, reader),
        )
        .group_by(Section.name)
        .order_by(Section.name)
    )
    rows = [Timeliness(name, *map(int, numbers)) for name, *numbers in await session.execute(query)]
    return [*rows, _together(rows)] if rows else []


def is_late(at: datetime, zone: ZoneInfo) -> ColumnElement[bool]:
    """That a post came after the deadline of its item; `at` is a time of the period asked about."""
    return _local(at, zone) >= extract("epoch", Item.deadline) + _DAY_S


def days_taken(at: datetime, zone: ZoneInfo) -> ColumnElement[Any]:
    """Calendar days from the day on which the item was made to that of the post, which may be the same (0)."""
    local = _local(at, zone)
    return (local - local % _DAY_S - extract("epoch", Item.formed_on)) / _DAY_S


def _local(at: datetime, zone: ZoneInfo) -> ColumnElement[Any]:
    """Seconds of the office's clock when the post came out."""
    offset = at.astimezone(zone).utcoffset()
    return extract("epoch", Post.published_at) + (int(offset.total_seconds()) if offset else 0)


def _together(rows: Sequence[Timeliness]) -> Timeliness:
    return Timeliness(
        None,
        sum(one.contents for one in rows),
        sum(one.late for one in rows),
        sum(one.days for one in rows),
        max(one.longest for one in rows),
    )
