"""The imported figures as a list, and where they contradict one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Origin
from outreach.statistics.imported import (
    ImportedNumber,
    ImportedPeriod,
    by_period,
    contradictions,
    parts_that_differ,
)
from outreach.statistics.model import ImportedFigure
from outreach.statistics.rules import months_of


async def imported_figures(session: AsyncSession) -> tuple[Sequence[ImportedFigure], list[str]]:
    """All that was imported, the newest period first; and, in Chinese, where parts do not add up to their whole, or
    twelve months to their year."""
    query = select(ImportedFigure).order_by(
        ImportedFigure.period.desc(), ImportedFigure.channel, ImportedFigure.kind, ImportedFigure.origin
    )
    rows = (await session.scalars(query)).all()
    periods = by_period(
        ImportedNumber(one.period, one.channel, one.kind, one.origin, one.posts, one.source) for one in rows
    )
    told = [said for one in periods.values() for said in parts_that_differ(one)]
    for period in periods.values():
        if len(period.period) == 4:
            told += _against_months(period, periods)
    return rows, told


def _against_months(year: ImportedPeriod, periods: Mapping[str, ImportedPeriod]) -> list[str]:
    months = [periods[month] for month in months_of(int(year.period)) if month in periods]
    if len(months) < 12:
        return []
    sums = {origin: sum(month.number(origin) or 0 for month in months) for origin in Origin}
    return contradictions(year, sums, "导入的十二个月之和")
