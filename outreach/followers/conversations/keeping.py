"""Messages are kept as long as the office says, and no longer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.conversations.model import Message, MessageState
from outreach.followers.conversations.rules import WORDLESS_KEPT
from outreach.foundation import clock


async def is_any_old(session: AsyncSession, before: datetime) -> bool:
    """Whether there are messages that came before `before` (aware), or events that were handled long ago."""
    return any([await session.scalar(query.limit(1)) is not None for query in _old(before)])


async def drop_old(session: AsyncSession, before: datetime, limit: int) -> int:
    """Deletes up to twice `limit` of them, with their answers; how many."""
    ids: list[int] = []
    for query in _old(before):
        ids += await session.scalars(query.limit(limit).with_for_update(skip_locked=True))
    await session.execute(delete(Message).where(Message.id.in_(ids)))
    return len(ids)


def _old(before: datetime) -> tuple[Select[int], Select[int]]:
    done = Message.state != MessageState.WAITING
    wordless = (Message.sealed.is_(None), Message.received_at < clock.now() - WORDLESS_KEPT)
    return (
        select(Message.id).where(Message.received_at < before, done),
        select(Message.id).where(*wordless, done),
    )
