"""The office enters the holidays of a year."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.calendar import NamedDay
from outreach.catalogue.model import HolidayNotice, SpecialDay
from outreach.foundation import audit, clock
from outreach.people.model import Person


async def keep_notice(
    session: AsyncSession, by: Person, year: int, text: str, days: Sequence[NamedDay]
) -> None:
    """Keeps what the notice of `year` names, in place of what was entered for that year before."""
    await audit.hold(session)  # who counts a term meanwhile waits, and counts by the new days
    named = [one.day for one in days]
    await session.execute(delete(SpecialDay).where((SpecialDay.year == year) | SpecialDay.day.in_(named)))
    await session.merge(HolidayNotice(year=year, text=text, by_id=by.id, by_name=by.name, at=clock.now()))
    await session.flush()
    rows = [{"day": one.day, "year": year, "name": one.name, "works": one.works} for one in days]
    await session.execute(insert(SpecialDay), rows)
    await audit.record(session, by, "holidays.enter", "calendar", str(year), count=len(days))
