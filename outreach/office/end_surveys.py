"""Surveys whose last day is over are ended, and what told who had answered is destroyed."""

from __future__ import annotations

from outreach.foundation import clock
from outreach.office.context import Office
from outreach.statistics.survey.service import end_over, is_any_over


async def end_surveys_over(office: Office) -> int:
    """Ends them; how many. Nothing is written where there is none. Safe to run twice and at the same time."""
    today = clock.today(clock.SHANGHAI)
    async with office.db.read() as session:
        if not await is_any_over(session, today):
            return 0
    async with office.db.begin() as session:
        return await end_over(session, today)
