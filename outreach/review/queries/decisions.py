"""The read side of reviews: the record, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.json_columns import json_list
from outreach.items.model import Author, Item, ItemState, Revision
from outreach.items.queries import writers_by_revision
from outreach.items.rows import ITEM, READER, URGENT_FIRST, Span, Waiting, is_in, waiting, waiting_items
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.review.model import Decision, DecisionKind, Reminder, Taking
from outreach.review.rules import ACT_OF_STAGE, may_see_earlier
from outreach.screening.queries import STANDING


@dataclass(frozen=True, slots=True)
class Returned:
    """That an item was sent back to its writer."""

    at: datetime
    opinion: str


async def decisions_of(session: AsyncSession, item_id: str) -> Sequence[Decision]:
    """Every decision on the item, first one first."""
    return (await decisions_by_item(session, [item_id])).get(item_id, [])


async def decisions_by_item(session: AsyncSession, item_ids: Iterable[str]) -> dict[str, list[Decision]]:
    """The same for many items in one query."""
    grouped: dict[str, list[Decision]] = {}
    query = select(Decision).where(Decision.item_id.in_(list(item_ids))).order_by(Decision.at, Decision.id)
    for decision in await session.scalars(query):
        grouped.setdefault(decision.item_id, []).append(decision)
    return grouped


async def last_returns(session: AsyncSession, item_ids: Sequence[str]) -> dict[str, Returned]:
    """When and why each of the items was sent back last."""
    if not item_ids:
        return {}
    query = (
        select(Decision.item_id, Decision.at, Decision.opinion)
        .where(Decision.item_id.in_(item_ids), Decision.kind == DecisionKind.RETURN)
        .order_by(Decision.at, Decision.id)
    )
    return {item_id: Returned(at, opinion) for item_id, at, opinion in await session.execute(query)}


async def is_reviewed(session: AsyncSession, item: Item, *, any_revision: bool = False) -> bool:
    """Whether the present revision (or any) bears a decision."""
    query = select(Decision.id).where(Decision.item_id == item.id)
    if not any_revision:
        query = query.where(Decision.revision == item.revision)
    return (await session.scalar(query.limit(1))) is not None


async def earlier_revisions(
    session: AsyncSession, item: Item, reader: Person, decisions: Sequence[Decision]
) -> dict[int, bool]:
    """The numbers of the item's earlier revisions, in their order, each with whether `reader` may see it; `decisions`
    are all that were made on the item."""
    writers = await writers_by_revision(session, item.id)
    query = select(Revision.number).where(Revision.item_id == item.id, Revision.number < item.revision)
    return {
        number: may_see_earlier(
            reader, number, writers=writers.get(number, ()), decisions=decisions, at=item.stage
        )
        for number in await session.scalars(query.order_by(Revision.number))
    }


async def waiting_for(
    session: AsyncSession, person: Person, span: Span, *, only_taken: bool = False
) -> tuple[list[Waiting], int]:
    """The items in review on which `person` may decide now, urgent ones first, then the one that waits longest; and
    how many there are. `only_taken`: those that `person` works on."""
    stages = [stage for stage, act in ACT_OF_STAGE.items() if may(person, act)]
    if not stages:
        return [], 0
    query = _TAKEN if only_taken else _TO_DECIDE
    return await waiting_items(session, query, person, span, stages=stages)


async def returned_to(session: AsyncSession, person: Person, span: Span) -> tuple[list[Waiting], int]:
    """The returned items that `person` wrote or submitted and may change, urgent ones first, then oldest first; and
    how many there are."""
    if not may(person, Act.WRITE_ITEMS):
        return [], 0
    return await waiting_items(session, _RETURNED, person, span)


_AUTHOR: Final = Author.__table__.c
_DECISION: Final = Decision.__table__.c
DECISIONS: Final = json_list(
    select(
        *(_DECISION.revision, _DECISION.stage, _DECISION.kind.label("decision"), _DECISION.outcome),
        *(_DECISION.opinion, _DECISION.basis, _DECISION.by_name.label("by"), _DECISION.at),
    )
    .where(_DECISION.item_id == ITEM.id)
    .order_by(_DECISION.at, _DECISION.id)
    .correlate(Item.__table__)
)
"""Every decision on an item, first one first, without the forms that were filled in, as JSON: a column beside those
of `items.rows.ITEM`."""
_AUTHORS: Final = select(_AUTHOR.person_id).where(_AUTHOR.item_id == ITEM.id)
_DECIDED: Final = exists().where(
    _DECISION.item_id == ITEM.id, _DECISION.revision == ITEM.revision, _DECISION.by_id == READER
)
_TAKING: Final = Taking.__table__.c
_AT_WORK: Final = and_(
    _TAKING.item_id == ITEM.id, _TAKING.stage == ITEM.stage, _TAKING.revision == ITEM.revision
)
_REMINDER: Final = Reminder.__table__.c
_TO_DECIDE: Final = waiting(
    STANDING,
    is_in(ItemState.IN_REVIEW),
    ITEM.stage.in_(bindparam("stages", expanding=True)),
    ~exists(_AUTHORS.where(_AUTHOR.person_id == READER, _AUTHOR.revision <= ITEM.revision)),
    ~_DECIDED,
    holder=select(_TAKING.person_name).where(_AT_WORK).scalar_subquery(),
    reminders=select(func.count(_REMINDER.id))
    .where(_REMINDER.item_id == ITEM.id, _REMINDER.revision == ITEM.revision, _REMINDER.stage == ITEM.stage)
    .scalar_subquery(),
).order_by(*URGENT_FIRST, ITEM.waiting_since, ITEM.id)
_TAKEN: Final = _TO_DECIDE.where(exists().where(_AT_WORK, _TAKING.person_id == READER))
_RETURNED: Final = waiting(
    STANDING, is_in(ItemState.RETURNED), or_(ITEM.submitted_by == READER, READER.in_(_AUTHORS))
).order_by(*URGENT_FIRST, ITEM.updated_at, ITEM.id)
