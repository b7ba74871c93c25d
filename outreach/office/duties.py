"""What is there to be settled now, found by one read: a sweep that finds nothing opens no transaction to write."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.model import ALONE, Post, PostState


@dataclass(frozen=True, slots=True)
class Duties:
    """Whether there may be any such. Who claims them decides: an account that can't be asked is not looked at here."""

    expired_posts: bool
    lost_posts: bool
    silent_posts: bool
    editions: bool


async def read_duties(session: AsyncSession) -> Duties:
    """As things stand now."""
    now = clock.now()

    def waits(state: PostState) -> ColumnElement[bool]:
        return exists().where(Post.state == state, ALONE, Post.due_at <= now)

    editions = or_(
        and_(Edition.state == EditionState.SENDING, Edition.lease_until < now),
        and_(Edition.state.in_({EditionState.ACCEPTED, EditionState.UNCERTAIN}), Edition.due_at <= now),
    )
    query = select(
        exists().where(Post.state == PostState.SENDING, ALONE, Post.lease_until < now),
        waits(PostState.UNCERTAIN),
        waits(PostState.ACCEPTED),
        exists().where(editions),
    )
    return Duties(*(await session.execute(query)).one())
