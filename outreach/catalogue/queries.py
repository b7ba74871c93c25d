"""The working-day calendar as the office has it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.calendar import Entered, NamedDay
from outreach.catalogue.model import HolidayNotice, SpecialDay


async def entered_holidays(session: AsyncSession) -> Entered:
    """All that the office has entered; a few dozen days a year."""
    query = select(HolidayNotice.year, SpecialDay.day, SpecialDay.name, SpecialDay.works).outerjoin_from(
        HolidayNotice, SpecialDay
    )
    rows = (await session.execute(query)).all()
    days = {day: NamedDay(day, name, works) for _, day, name, works in rows if day is not None}
    return Entered(frozenset(year for year, *_ in rows), days)


async def notices(session: AsyncSession) -> Sequence[HolidayNotice]:
    """The notices that were entered, the newest year first."""
    return (await session.scalars(select(HolidayNotice).order_by(HolidayNotice.year.desc()))).all()
