"""What reviews came to in a year, month by month: for the annual report of disclosure (条例 art. 50)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.items.model import Item
from outreach.people.model import Person
from outreach.review.model import Referral, ReviewRecord, Standing
from outreach.review.queries.register import RecordFilter, begins, narrowed

OTHER: Final = 0
"""Stands for a basis that cites none of the articles 14 to 17."""


@dataclass(slots=True)
class OutcomeCounts:
    """Records that were concluded, and referrals that were made, in one month or year.

    `by_standing` has 公开, 删减后公开, 不予公开 and 退回修改 by the day of the decision, and 报请确定 by the day of the
    referral, whatever came of it. `by_article` counts the bases of the last three of the form's four outcomes.
    """

    by_standing: Counter[Standing] = field(default_factory=Counter)
    by_article: Counter[int] = field(default_factory=Counter)

    @property
    def reviewed(self) -> int:
        """How many records were concluded."""
        return self.by_standing.total() - self.by_standing[Standing.REFER]


@dataclass(frozen=True, slots=True)
class YearOfReviews:
    """A year, and its months by their numbers 1 to 12."""

    year: int
    total: OutcomeCounts
    months: dict[int, OutcomeCounts]


async def year_of_reviews(session: AsyncSession, reader: Person, year: int) -> YearOfReviews:
    """What the reviews that `reader` may see came to in `year` (Asia/Shanghai)."""
    counted = YearOfReviews(year, OutcomeCounts(), {month: OutcomeCounts() for month in range(1, 13)})
    month = _month_of(ReviewRecord.concluded_at, year)
    concluded = (
        select(month, ReviewRecord.standing, ReviewRecord.article, func.count())
        .join(Item)
        .where(*_within(ReviewRecord.concluded_at, year))
        .group_by(month, ReviewRecord.standing, ReviewRecord.article)
    )
    _count(counted, await session.execute(narrowed(concluded, reader, RecordFilter())))
    month = _month_of(Referral.at, year)
    referred = (
        select(month, literal(Standing.REFER), Referral.article, func.count())
        .select_from(Referral)
        .join(
            ReviewRecord,
            (ReviewRecord.item_id == Referral.item_id) & (ReviewRecord.revision == Referral.revision),
        )
        .where(*_within(Referral.at, year))
        .group_by(month, Referral.article)
    )
    _count(counted, await session.execute(narrowed(referred, reader, RecordFilter())))
    return counted


def _count(counted: YearOfReviews, rows: Iterable[Row[int, Standing, int | None, int]]) -> None:
    for month, standing, article, number in rows:
        for counts in (counted.total, counted.months[month]):
            counts.by_standing[Standing(standing)] += number
            if standing not in (Standing.DISCLOSE, Standing.RETURNED):
                counts.by_article[article or OTHER] += number


def _within(column: InstrumentedAttribute[Any], year: int) -> tuple[ColumnElement[bool], ...]:
    return column >= begins(date(year, 1, 1)), column < begins(date(year + 1, 1, 1))


def _month_of(column: InstrumentedAttribute[Any], year: int) -> ColumnElement[int]:
    """The month of a moment in `year`, by the calendar of Asia/Shanghai on both databases."""
    ends = [(month, begins(date(year, month + 1, 1))) for month in range(1, 12)]
    return case(*((column < end, month) for month, end in ends), else_=12)
