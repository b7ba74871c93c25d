"""The read side of comments on passages (段落意见)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.review.model import PassageComment


async def comments_of(session: AsyncSession, item_id: str) -> Sequence[PassageComment]:
    """Every comment on the item, those that are not settled first, then by time."""
    query = select(PassageComment).where(PassageComment.item_id == item_id)
    in_order = query.order_by(PassageComment.resolved_at.is_not(None), PassageComment.at, PassageComment.id)
    return (await session.scalars(in_order)).all()
