"""What waits for whom: items to decide on, also in the stead of somebody who is away, and those that were returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Author, ItemState, Stage
from outreach.items.rows import (
    ITEM,
    OF_OWN_SECTIONS,
    READER,
    URGENT_FIRST,
    AnySelect,
    Span,
    Waiting,
    waiting,
    waiting_items,
)
from outreach.people.model import Lent, Person
from outreach.people.rules import Act, may
from outreach.review.acting import ACT_OF_STAGE, lent_at
from outreach.review.model import Decision, Reminder, Taking
from outreach.screening.queries import STANDING


async def waiting_for(
    session: AsyncSession, person: Person, span: Span, *, only_taken: bool = False
) -> tuple[list[Waiting], int]:
    """The items in review on which `person` may decide now, urgent ones first, then the one that waits longest; and
    how many there are. `only_taken`: those that `person` works on."""
    stages = [stage for stage, act in ACT_OF_STAGE.items() if may(person, act)]
    lent = [(stage, one) for stage in Stage for one in lent_at(person, stage)]
    if not stages and not lent:
        return [], 0
    query = _also_lent(lent) if lent else _TO_DECIDE
    if only_taken:
        query = query.where(_TAKEN)
    return await waiting_items(session, query, person, span, stages=stages)


async def returned_to(session: AsyncSession, person: Person, span: Span) -> tuple[list[Waiting], int]:
    """The returned items that `person` wrote or submitted and may change, urgent ones first, then oldest first; and
    how many there are."""
    if not may(person, Act.WRITE_ITEMS):
        return [], 0
    return await waiting_items(session, _RETURNED, person, span)


def _also_lent(lent: Sequence[tuple[Stage, Lent]]) -> AnySelect:
    """What waits for a deputy, each of the others' items with the name of whom they stand in for. Made anew each time:
    few are deputies, and not for long."""
    of_others = [(_is_lent(stage, one), literal(one.absent_name, String)) for stage, one in lent]
    is_for_reader = or_(_OWN, *(condition for condition, _ in of_others))
    return _to_decide(is_for_reader, case((_OWN, None), *of_others))


def _is_lent(stage: Stage, lent: Lent) -> ColumnElement[bool]:
    """What `review.acting` says of a lent right, in the database's words."""
    sections = () if lent.section_ids is None else (ITEM.section_id.in_(sorted(lent.section_ids)),)
    return and_(ITEM.stage == stage, *sections, *_separate(literal(lent.absent_id, String)))


def _separate(person_id: ColumnElement[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That somebody neither wrote the revision, or one that it goes on from, nor decided on it, nor somebody in their
    stead."""
    wrote = exists(_AUTHORS.where(_AUTHOR.person_id == person_id, _AUTHOR.revision <= ITEM.revision))
    decided = exists().where(
        *(_DECISION.item_id == ITEM.id, _DECISION.revision == ITEM.revision),
        or_(_DECISION.by_id == person_id, _DECISION.absent_id == person_id),
    )
    return ~wrote, ~decided


def _to_decide(is_for_reader: ColumnElement[bool], instead_of: ColumnElement[str | None]) -> AnySelect:
    return waiting(
        *(STANDING, ITEM.state == ItemState.IN_REVIEW, is_for_reader, *_separate(READER)),
        holder=select(_TAKING.person_name).where(_AT_WORK).scalar_subquery(),
        reminders=select(func.count(_REMINDER.id)).where(*_OF_STAGE).scalar_subquery(),
        instead_of=instead_of,
    ).order_by(*URGENT_FIRST, ITEM.waiting_since, ITEM.id)


_AUTHOR: Final = Author.__table__.c
_DECISION: Final = Decision.__table__.c
_TAKING: Final = Taking.__table__.c
_REMINDER: Final = Reminder.__table__.c
_OF_STAGE: Final = (
    *(_REMINDER.item_id == ITEM.id, _REMINDER.revision == ITEM.revision, _REMINDER.stage == ITEM.stage),
)
_AUTHORS: Final = select(_AUTHOR.person_id).where(_AUTHOR.item_id == ITEM.id)
_AT_WORK: Final = and_(
    _TAKING.item_id == ITEM.id, _TAKING.stage == ITEM.stage, _TAKING.revision == ITEM.revision
)
_OWN: Final = and_(OF_OWN_SECTIONS, ITEM.stage.in_(bindparam("stages", expanding=True)))
_TO_DECIDE: Final = _to_decide(_OWN, literal_column("NULL", String))
_TAKEN: Final = exists().where(_AT_WORK, _TAKING.person_id == READER)
_RETURNED: Final = waiting(
    *(STANDING, OF_OWN_SECTIONS, ITEM.state == ItemState.RETURNED),
    or_(ITEM.submitted_by == READER, READER.in_(_AUTHORS)),
).order_by(*URGENT_FIRST, ITEM.updated_at, ITEM.id)
