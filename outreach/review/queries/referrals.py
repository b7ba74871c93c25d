"""The read side of referrals (报请确定)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.review.model import Referral


async def referrals_of(session: AsyncSession, item_id: str) -> Sequence[Referral]:
    """Every referral of the item, first one first."""
    query = select(Referral).where(Referral.item_id == item_id).order_by(Referral.at, Referral.id)
    return (await session.scalars(query)).all()


async def open_referral_of(session: AsyncSession, item: Item) -> Referral | None:
    """The referral of the present revision that is not answered yet."""
    query = select(Referral).where(
        Referral.item_id == item.id, Referral.revision == item.revision, Referral.noted_at.is_(None)
    )
    return (await session.scalars(query)).one_or_none()


async def open_referrals(session: AsyncSession, item_ids: Sequence[str]) -> dict[str, Referral]:
    """The same for many items in one query."""
    query = (
        select(Referral)
        .join(Item, and_(Item.id == Referral.item_id, Item.revision == Referral.revision))
        .where(Referral.item_id.in_(item_ids), Referral.noted_at.is_(None))
    )
    return {referral.item_id: referral for referral in await session.scalars(query)}
