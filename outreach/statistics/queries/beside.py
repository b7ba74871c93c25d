"""What stands beside a month's figures: the month before, the same month a year before, and what was imported."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.people.model import Person
from outreach.statistics.imported import ImportedPeriod
from outreach.statistics.queries.kept import kept
from outreach.statistics.queries.year import YearMonth, against_own, known_months
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
    found = await kept(session, months[-1], month, reader)
    this, previous, year_before = known_months(found, months)
    imported = found.imported.get(month)
    return MonthBeside(this, previous, year_before, imported, against_own(this, imported))
