"""The posts that may still change a month's figures: those that were to go out in it and whose end is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.people.model import Person
from outreach.publishing.model import Post, PostState
from outreach.statistics.queries.month import of_reader
from outreach.statistics.rules import bounds_of

_BEGUN: Final = (PostState.SENDING, PostState.ACCEPTED, PostState.UNCERTAIN, PostState.NEEDS_PERSON)


async def posts_under_way(
    session: AsyncSession, month: str, reader: Person, zone: ZoneInfo
) -> Sequence[Post]:
    """Those that were begun for a time before the month's end and may turn out to have been published in it, and those
    of the month that are being withdrawn; the oldest first."""
    first, end = bounds_of(month, zone)
    planned_for = func.coalesce(Post.at, Post.planned_at)
    may_count = and_(Post.state.in_(_BEGUN), Post.published_at.is_(None), planned_for < end)
    on_the_way_back = and_(
        Post.state.in_((PostState.WITHDRAWING, PostState.NEEDS_PERSON)),
        Post.published_at >= first,
        Post.published_at < end,
    )
    query = (
        select(Post)
        .where(or_(may_count, on_the_way_back), *of_reader(Post.section_id, reader))
        .order_by(planned_for, Post.id)
    )
    return (await session.scalars(query)).unique().all()
