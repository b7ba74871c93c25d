"""What was said of an item in its review goes, since it may quote it; who decided what and when stays."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.review.model import (
    Decision,
    Emergency,
    PassageComment,
    RedactionProposal,
    Referral,
    ReviewRecord,
)


async def purge(session: AsyncSession, item_id: str) -> None:
    """Empties opinions, forms, referrals, proposals, comments, grounds of emergencies and the title in the register. The articles of law on
    which decisions rest are numbers, and stay."""
    for emptied in (
        update(Decision).values(opinion="", basis=None, form={}).where(Decision.item_id == item_id),
        update(Referral)
        .values(reason="", basis="", answer=None, answer_number=None)
        .where(Referral.item_id == item_id),
        update(Emergency)
        .values(reason="", authority_document="", kept_reason=None)
        .where(Emergency.item_id == item_id),
        update(RedactionProposal).values(changes={}).where(RedactionProposal.item_id == item_id),
        update(PassageComment)
        .values(text="", quote_mac="", field="", start=0, end=0)
        .where(PassageComment.item_id == item_id),
        update(ReviewRecord).values(title="", basis=None).where(ReviewRecord.item_id == item_id),
    ):
        await session.execute(emptied)
