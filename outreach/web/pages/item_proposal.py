"""遮盖建议 as an item's page shows it: each text that it changes, the old one and the new one in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.differences import Piece, differences
from outreach.items.labels import field_label
from outreach.items.model import Item
from outreach.items.rules import texts_of
from outreach.items.service import snapshot_of
from outreach.review.model import RedactionProposal
from outreach.review.queries import fits


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal that can be taken over; `texts` are label and pieces."""

    proposal: RedactionProposal
    texts: list[tuple[str, list[Piece]]]


async def view_proposal(
    session: AsyncSession, item: Item, proposals: Sequence[RedactionProposal]
) -> ProposalView | None:
    """The one of the item's proposals that fits it as it stands."""
    for proposal in proposals:
        if await fits(session, item, proposal):
            present = texts_of(snapshot_of(item))
            texts = [
                (field_label(item.kind, field), differences(present[field], text))
                for field, text in proposal.changes.items()
            ]
            return ProposalView(proposal, texts)
    return None
