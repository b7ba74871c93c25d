"""What stands beside a month's figures: the month before, the same month a year before, and what was imported."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.people.model import Person
from outreach.statistics.imported import ImportedPeriod
from outreach.statistics.queries.year import (
    YearMonth,
    against_own,
    first_own_month,
    imported_month,
    imported_periods,
    own_months,
)
from outreach.statistics.rules import neighbour


@dataclass(frozen=True, slots=True)
class MonthBeside:
    """A month and those it is held against, each as it stands by now. `imported` is what was imported for the month
    itself; `contradiction` (Chinese) where that is not what was counted here."""

    month: YearMonth
    previous: YearMonth
    year_before: YearMonth
    imported: ImportedPeriod | None
    contradiction: str | None


async def month_beside(session: AsyncSession, month: str, reader: Person | None = None) -> MonthBeside:
    """What stands beside `month` (`YYYY-MM`), for the sections of `reader`; None reads all."""
    months = [month, neighbour(month, -1), neighbour(month, -12)]
    start = await first_own_month(session)
    own = await own_months(session, months, reader)
    imported = await imported_periods(session, months, reader)
    this, previous, year_before = (
        own[one] if start is not None and one >= start else imported_month(one, imported.get(one))
        for one in months
    )
    contradiction = against_own(this, imported.get(month))
    return MonthBeside(this, previous, year_before, imported.get(month), contradiction)
