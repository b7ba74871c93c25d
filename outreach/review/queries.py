"""The read side of reviews: the record, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Author, Item, ItemState
from outreach.people.model import Person
from outreach.people.rules import may
from outreach.review.model import Decision
from outreach.review.rules import ACT_OF_STAGE


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


async def is_reviewed(session: AsyncSession, item: Item, *, any_revision: bool = False) -> bool:
    """Whether the present revision (or any) bears a decision."""
    query = select(Decision.id).where(Decision.item_id == item.id)
    if not any_revision:
        query = query.where(Decision.revision == item.revision)
    return (await session.scalar(query.limit(1))) is not None


async def waiting_for(session: AsyncSession, person: Person) -> list[Item]:
    """The items in review on which `person` may decide now, the one that waits longest first."""
    stages = [stage for stage, act in ACT_OF_STAGE.items() if may(person, act)]
    if not stages:
        return []
    wrote = exists().where(
        and_(Author.item_id == Item.id, Author.revision <= Item.revision, Author.person_id == person.id)
    )
    decided = exists().where(
        and_(Decision.item_id == Item.id, Decision.revision == Item.revision, Decision.by_id == person.id)
    )
    query = (
        select(Item)
        .where(Item.state == ItemState.IN_REVIEW, Item.stage.in_(stages), ~wrote, ~decided)
        .order_by(Item.waiting_since, Item.id)
    )
    return await _visible(session, query, person)


async def returned_to(session: AsyncSession, person: Person) -> list[Item]:
    """The returned items that `person` wrote or submitted, oldest first."""
    wrote = exists().where(and_(Author.item_id == Item.id, Author.person_id == person.id))
    query = (
        select(Item)
        .where(Item.state == ItemState.RETURNED, or_(Item.submitted_by == person.id, wrote))
        .order_by(Item.updated_at, Item.id)
    )
    return await _visible(session, query, person)


async def _visible(session: AsyncSession, query: Select[Item], person: Person) -> list[Item]:
    if person.section_ids is not None:
        query = query.where(Item.section_id.in_(person.section_ids))
    return list((await session.scalars(query)).unique())
