"""What is known of people is erased when the time has come that the office has set."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from outreach.followers import following
from outreach.followers.conversations import keeping
from outreach.followers.questions import service as questions
from outreach.foundation import audit, clock, office_settings
from outreach.foundation.audit import SERVICE
from outreach.office.context import Office

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 500


async def forget(office: Office) -> int:
    """Erases some of those who stopped following long ago, and of the messages that are too old; how many. Nothing
    is written where there is nothing to erase. Safe to run twice and at the same time."""
    now = clock.now()
    async with office.db.read() as session:
        settings = await office_settings.load(session)
        left_before = now - timedelta(days=settings.forget_after_days)
        came_before = now - timedelta(days=settings.messages_kept_days)
        has_any = [
            await following.is_any_departed(session, left_before),
            await keeping.is_any_old(session, came_before),
            await questions.is_any_old(session, came_before),
        ]
        if not any(has_any):
            return 0
    async with office.db.begin() as session:
        people = await following.forget_departed(session, left_before, _AT_ONCE)
        messages = await keeping.drop_old(session, came_before, _AT_ONCE)
        asked = await questions.drop_old(session, came_before, _AT_ONCE)
        if people or messages or asked:  # else somebody else was faster
            counts = {"followers": people, "messages": messages, "questions": asked}
            await audit.record(session, SERVICE, "followers.forget", "office", "office", **counts)
    log.info("forgotten", followers=people, messages=messages, questions=asked)
    return people + messages + asked
