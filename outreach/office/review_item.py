"""What reviewers do with an item that waits for them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.people.model import Person
from outreach.review import service as review
from outreach.review.model import Referral
from outreach.review.queries import hold_item_to_review
from outreach.review.service import Answer, Question, Verdict
from outreach.screening.model import Judgement
from outreach.statistics import service as statistics


async def decide(
    session: AsyncSession, item_id: str, by: Person, verdict: Verdict, *, revision: int, zone: ZoneInfo
) -> Item:
    """Records a decision at the item's present stage, and counts it; see `review.service.record_decision`."""
    item = await hold_item_to_review(session, item_id, by)
    stage = item.stage
    await statistics.begin_counting(session)
    await review.record_decision(session, item, by, verdict, revision=revision)
    if stage is not None:  # an item outside of review is refused above
        await statistics.count_decision(session, item.id, revision, stage, zone)
    return item


async def judge_finding(
    session: AsyncSession,
    item_id: str,
    finding_id: str,
    by: Person,
    judgement: Judgement,
    reason: str,
    *,
    revision: int,
    remembers: bool = False,
) -> Item:
    """属实 or 误报; see `review.service.judge_finding`."""
    item = await hold_item_to_review(session, item_id, by)
    await review.judge_finding(
        session, item, finding_id, by, judgement, reason, revision=revision, remembers=remembers
    )
    return item


async def refer(
    session: AsyncSession, item_id: str, by: Person, question: Question, *, revision: int
) -> Referral:
    """报请确定; see `review.service.refer`."""
    item = await hold_item_to_review(session, item_id, by)
    return await review.refer(session, item, by, question, revision=revision)


async def note_answer(
    session: AsyncSession, item_id: str, referral_id: str, by: Person, answer: Answer, *, revision: int
) -> Referral:
    """The answer to a referral is noted; see `review.service.note_answer`."""
    item = await hold_item_to_review(session, item_id, by)
    return await review.note_answer(session, item, referral_id, by, answer, revision=revision)
