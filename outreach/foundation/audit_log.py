"""The audit log, read a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.audit import AuditEvent, StoredEvent, select_stored, stored_event


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events, newest first. `older` is the number below which the next page begins; None at the end."""

    events: Sequence[StoredEvent]
    older: int | None


async def page(
    session: AsyncSession, *, before: int | None = None, act: str = "", actor: str = "", limit: int = 50
) -> AuditPage:
    """The newest events with a number below `before`, of one act or one actor's name where they are given."""
    query = select_stored().order_by(AuditEvent.number.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(AuditEvent.number < before)
    if act:
        query = query.where(AuditEvent.act == act)
    if actor:
        query = query.where(AuditEvent.actor_name == actor)
    events = [stored_event(row) for row in await session.execute(query)]
    older = events[limit - 1].number if len(events) > limit else None
    return AuditPage(events[:limit], older)


async def acts(session: AsyncSession) -> Sequence[str]:
    """Every act that was ever recorded, in the order of the alphabet."""
    return (await session.scalars(select(AuditEvent.act).distinct().order_by(AuditEvent.act))).all()
