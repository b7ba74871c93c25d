"""How the notices stand that have not ended, for whoever watches the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices.marks import RecipientState, add_up, by_state
from outreach.followers.notices.model import Notice, NoticeChunk, NoticeState

OPEN_STATES: Final = frozenset({NoticeState.PLANNED, NoticeState.RUNNING, NoticeState.PAUSED})


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the notices that have not ended: how many there are by state, and how many of their recipients by what came of
    them. `due_since` (aware) is when the first was due that has not begun yet, None where none is."""

    notices: Mapping[NoticeState, int]
    recipients: Mapping[RecipientState, int]
    due_since: datetime | None


async def standing_of_notices(session: AsyncSession, now: datetime) -> Standing:
    """How they stand at `now` (aware). Reads a row for each chunk of those that run."""
    counted = select(Notice.state, func.count()).where(Notice.state.in_(OPEN_STATES)).group_by(Notice.state)
    tallies = select(NoticeChunk.tally).join(Notice).where(Notice.state.in_(OPEN_STATES))
    first_due = select(func.min(Notice.due_at)).where(
        Notice.state == NoticeState.PLANNED, Notice.due_at <= now
    )
    return Standing(
        {state: number for state, number in (await session.execute(counted)).all()},  # noqa: C416 - rows are no pairs
        by_state(add_up(list(await session.scalars(tallies)))),
        await session.scalar(first_due),
    )
