"""The read side of proposals for redaction (遮盖建议)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item, ItemState, Revision
from outreach.items.rules import texts_of
from outreach.items.service import snapshot_of
from outreach.review.model import ProposalState, RedactionProposal


async def proposals_of(session: AsyncSession, item_id: str) -> Sequence[RedactionProposal]:
    """Every proposal for the item, first one first."""
    query = select(RedactionProposal).where(RedactionProposal.item_id == item_id)
    return (await session.scalars(query.order_by(RedactionProposal.at, RedactionProposal.id))).all()


async def fits(session: AsyncSession, item: Item, proposal: RedactionProposal) -> bool:
    """Whether the proposal can be taken over: it is open, the item is back with its writers, and the texts that it
    changes still stand as they were reviewed."""
    if proposal.state is not ProposalState.OPEN or item.state not in (ItemState.RETURNED, ItemState.DRAFT):
        return False
    reviewed = await session.get_one(Revision, (item.id, proposal.revision))
    before, now = texts_of(reviewed.snapshot), texts_of(snapshot_of(item))
    return all(before[field] == now.get(field) for field in proposal.changes)
