"""All that is told of a month or a year, read in one go: for workbooks, tables and the monthly bulletin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.people.model import Person
from outreach.statistics.queries.acts import ActCount, acts_of
from outreach.statistics.queries.beside import MonthBeside, month_beside
from outreach.statistics.queries.month import MonthFigures, month_figures
from outreach.statistics.queries.timeliness import Timeliness, timeliness
from outreach.statistics.queries.year import YearFigures, year_figures


@dataclass(frozen=True, slots=True)
class WholeMonth:
    """A month's figures and all that stands beside them."""

    figures: MonthFigures
    beside: MonthBeside
    timeliness: Sequence[Timeliness]
    acts: Sequence[ActCount]


@dataclass(frozen=True, slots=True)
class WholeYear:
    """A year's figures, those of the year before, and all that stands beside them."""

    figures: YearFigures
    before: YearFigures
    timeliness: Sequence[Timeliness]
    acts: Sequence[ActCount]


async def whole_month(session: AsyncSession, month: str, reader: Person | None, zone: ZoneInfo) -> WholeMonth:
    """All of `month` (`YYYY-MM`), for the sections of `reader`; None reads all."""
    figures = await month_figures(session, month, reader)
    return WholeMonth(
        figures,
        await month_beside(session, month, reader),
        await timeliness(session, month, reader, zone),
        await acts_of(session, month, reader, as_closed=figures.closed is not None),
    )


async def whole_year(session: AsyncSession, year: int, reader: Person | None, zone: ZoneInfo) -> WholeYear:
    """All of `year`, for the sections of `reader`; None reads all."""
    return WholeYear(
        await year_figures(session, year, reader),
        await year_figures(session, year - 1, reader),
        await timeliness(session, f"{year:04}", reader, zone),
        await acts_of(session, f"{year:04}", reader),
    )
