"""The read side of decisions: the record that each left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.json_columns import json_list
from outreach.items.model import Item, Revision
from outreach.items.queries import writers_by_revision
from outreach.items.rows import ITEM
from outreach.people.model import Person
from outreach.review.model import Decision, DecisionKind
from outreach.review.rules import may_see_earlier


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
        number: may_see_earlier(reader, item, number, writers=writers.get(number, ()), decisions=decisions)
        for number in await session.scalars(query.order_by(Revision.number))
    }


_DECISION: Final = Decision.__table__.c
DECISIONS: Final = json_list(
    select(
        *(_DECISION.revision, _DECISION.stage, _DECISION.kind.label("decision"), _DECISION.outcome),
        *(_DECISION.opinion, _DECISION.basis, _DECISION.by_name.label("by")),
        *(_DECISION.absent_name.label("instead_of"), _DECISION.at, _DECISION.afterwards),
    )
    .where(_DECISION.item_id == ITEM.id)
    .order_by(_DECISION.at, _DECISION.id)
    .correlate(Item.__table__)
)
"""Every decision on an item, first one first, without the forms that were filled in, as JSON: a column beside those
of `items.rows.ITEM`."""
