"""The read side of emergencies (应急发布): what one says, whose decision is owed, what is proposed to be withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVarTuple

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.json_columns import json_list
from outreach.items.model import Author, Item, ItemState, Stage
from outreach.items.rows import ITEM
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.review.emergency_rules import STILL_OWES
from outreach.review.model import Decision, Emergency, Reminder, SectionReview

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class OwedReview:
    """An emergency on which the section still has to decide, and how often somebody asked it to."""

    item: Item
    emergency: Emergency
    reminders: int


@dataclass(frozen=True, slots=True)
class ProposedWithdrawal:
    """What is out and the section objected to afterwards: its `decision` says why."""

    item: Item
    decision: Decision


async def emergency_of(session: AsyncSession, item: Item) -> Emergency | None:
    """The emergency that the item's present revision is, if it is one."""
    return await session.get(Emergency, (item.id, item.revision)) if item.is_emergency else None


async def owed_by(session: AsyncSession, person: Person) -> list[OwedReview]:
    """The emergencies on which `person` may record the section's decision, the one with the least time left first."""
    if not may(person, Act.DECIDE_SECTION) or not await session.scalar(_IS_ANY_OWED):
        return []
    wrote = exists().where(
        Author.item_id == Item.id, Author.revision <= Item.revision, Author.person_id == person.id
    )
    decided = exists().where(
        Decision.item_id == Item.id, Decision.revision == Item.revision, Decision.by_id == person.id
    )
    return await _owed(session, _visible(_OWED, person).where(~wrote, ~decided))


async def overdue(session: AsyncSession, reader: Person, now: datetime) -> list[OwedReview]:
    """The emergencies on which the section should have decided by `now`, for whoever sees them; the latest first."""
    return await _owed(session, _visible(_OWED, reader).where(Emergency.section_due_at <= now))


async def proposed_withdrawals(session: AsyncSession, reader: Person) -> list[ProposedWithdrawal]:
    """What the section wants withdrawn and is not withdrawn yet, the oldest first."""
    rows = (await session.execute(_visible(_PROPOSED, reader))).unique()
    return [ProposedWithdrawal(item, decision) for item, decision in rows]


async def emergencies_by_revision(
    session: AsyncSession, item_ids: Sequence[str]
) -> dict[tuple[str, int], Emergency]:
    """The emergencies among all revisions of these items."""
    query = select(Emergency).where(Emergency.item_id.in_(item_ids))
    return {(one.item_id, one.revision): one for one in await session.scalars(query)}


async def _owed(session: AsyncSession, query: Select[Item, Emergency, int]) -> list[OwedReview]:
    rows = (await session.execute(query.order_by(Emergency.section_due_at, Item.id))).unique()
    return [OwedReview(*row) for row in rows]


def _visible(query: Select[*Columns], reader: Person) -> Select[*Columns]:
    if reader.section_ids is None:
        return query
    return query.where(Item.section_id.in_(reader.section_ids))


_PRESENT: Final = and_(
    Item.id == Emergency.item_id, Item.revision == Emergency.revision, Item.is_emergency.is_(True)
)
_REMINDERS: Final = (
    select(func.count(Reminder.id))
    .where(
        Reminder.item_id == Emergency.item_id,
        Reminder.revision == Emergency.revision,
        Reminder.stage == Stage.SECTION,
    )
    .correlate(Emergency)
    .scalar_subquery()
)
_OWED: Final[Select[Item, Emergency, int]] = (
    select(Item, Emergency, _REMINDERS)
    .join(Emergency, _PRESENT)
    .where(Emergency.section_review == SectionReview.OWED, Item.state.in_(STILL_OWES))
)
_IS_ANY_OWED: Final = select(exists().where(Emergency.section_review == SectionReview.OWED))
"""Asked by every look at the queue, and nearly always no: made once, unlike the query for a person."""
_PROPOSED: Final = (
    select(Item, Decision)
    .join(Emergency, _PRESENT)
    .join(
        Decision,
        and_(
            Decision.item_id == Emergency.item_id,
            Decision.revision == Emergency.revision,
            Decision.stage == Stage.SECTION,
        ),
    )
    .where(
        Emergency.section_review == SectionReview.WITHDRAWAL_PROPOSED,
        Item.state.in_([ItemState.APPROVED, ItemState.PUBLISHED]),
    )
    .order_by(Decision.at, Item.id)
)
_EMERGENCY: Final = Emergency.__table__.c
EMERGENCIES: Final = json_list(
    select(
        *(_EMERGENCY.revision, _EMERGENCY.reason, _EMERGENCY.authority_document),
        *(
            _EMERGENCY.by_name.label("by"),
            _EMERGENCY.at,
            _EMERGENCY.section_due_at,
            _EMERGENCY.section_review,
        ),
    )
    .where(_EMERGENCY.item_id == ITEM.id)
    .order_by(_EMERGENCY.revision)
    .correlate(Item.__table__)
)
"""Every revision of an item that was submitted as an emergency, as JSON: a column beside those of `items.rows.ITEM`."""
