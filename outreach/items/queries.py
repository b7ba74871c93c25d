"""The read side of items: one by its id, lists with filters, what hangs on an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound
from outreach.items.model import Author, Item, ItemState, Kind, Revision, Stage
from outreach.items.rules import NO_LONGER_PUBLIC, Place
from outreach.people.model import Person, Section
from outreach.people.rules import sees_section


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; None is everything. `text` is looked for in titles and numbers."""

    text: str | None = None
    kind: Kind | None = None
    section: str | None = None
    state: ItemState | None = None
    stage: Stage | None = None


async def get_item(session: AsyncSession, item_id: str, reader: Person) -> Item:
    """The item, if it is for `reader`'s eyes. Raises NotFound."""
    item = await session.get(Item, item_id)
    if item is None or not sees_section(reader, item.section_id):
        raise NotFound("没有这条信息，或者它不属于您所在的科室。")
    return item


async def find_by_source_id(session: AsyncSession, source_id: str) -> Item | None:
    """The item that came in under that number of its sender."""
    return (await session.scalars(select(Item).where(Item.source_id == source_id))).one_or_none()


async def find_by_public_id(session: AsyncSession, public_id: str) -> Item | None:
    """The item behind a public address."""
    return (await session.scalars(select(Item).where(Item.public_id == public_id))).one_or_none()


async def find_corrected(session: AsyncSession, reference: str) -> Item | None:
    """The published item that an item corrects, by its sender's number or its id."""
    query = select(Item).where(
        (Item.source_id == reference) | (Item.id == reference),
        Item.state.in_([ItemState.PUBLISHED, ItemState.WITHDRAWN]),
    )
    return (await session.scalars(query)).unique().first()


async def public_corrections_of(session: AsyncSession, item_id: str) -> Sequence[Item]:
    """The items that correct this one and have a public page, the first one first."""
    query = (
        select(Item)
        .where(
            Item.corrects_id == item_id, Item.public_since.is_not(None), Item.state.not_in(NO_LONGER_PUBLIC)
        )
        .order_by(Item.public_since, Item.id)
    )
    return (await session.scalars(query)).unique().all()


async def list_items(
    session: AsyncSession, reader: Person, narrow: ItemFilter, *, limit: int, cursor: str | None = None
) -> tuple[list[Item], str | None]:
    """A page of items that `reader` may see, newest first, and the cursor of the next page."""
    query = _visible(select(Item), reader, narrow).order_by(Item.id.desc()).limit(limit + 1)
    if cursor:
        query = query.where(Item.id < cursor)
    rows = list((await session.scalars(query)).unique())
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def count_items(session: AsyncSession, reader: Person, narrow: ItemFilter) -> int:
    """How many items `list_items` would give in all."""
    return (await session.scalar(_visible(select(func.count(Item.id)), reader, narrow))) or 0


async def count_by_place(session: AsyncSession) -> dict[Place, int]:
    """How many items stand at each place where any do."""
    query = select(Item.state, Item.stage, func.count(Item.id)).group_by(Item.state, Item.stage)
    return {(state, stage): count for state, stage, count in await session.execute(query)}


async def revisions_of(session: AsyncSession, item_id: str) -> Sequence[Revision]:
    """Every revision that was submitted, first one first."""
    query = select(Revision).where(Revision.item_id == item_id).order_by(Revision.number)
    return (await session.scalars(query)).all()


async def authors_of(session: AsyncSession, item: Item) -> frozenset[str]:
    """The ids of all who wrote or submitted the present revision or one that it goes on from."""
    query = select(Author.person_id).where(Author.item_id == item.id, Author.revision <= item.revision)
    return frozenset((await session.scalars(query)).all())


def _visible(query: Select[Any], reader: Person, narrow: ItemFilter) -> Select[Any]:
    if reader.section_ids is not None:
        query = query.where(Item.section_id.in_(reader.section_ids))
    if narrow.section is not None:
        query = query.where(Item.section_id.in_(select(Section.id).where(Section.name == narrow.section)))
    if narrow.kind is not None:
        query = query.where(Item.kind == narrow.kind)
    if narrow.state is not None:
        query = query.where(Item.state == narrow.state)
    if narrow.stage is not None:
        query = query.where(Item.stage == narrow.stage)
    if narrow.text:
        query = query.where(
            or_(Item.title.contains(narrow.text, autoescape=True), Item.source_id == narrow.text)
        )
    return query
