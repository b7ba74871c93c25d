"""The read side of items: one by its id, lists with filters, what hangs on an item."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from outreach.catalogue.calendar import Entered
from outreach.catalogue.queries import entered_holidays
from outreach.foundation.problems import Forbidden, NotFound
from outreach.items.content import Content
from outreach.items.model import Author, Item, ItemState, Kind, Revision, Stage
from outreach.items.rules import CORRECTABLE, NO_LONGER_PUBLIC, Place
from outreach.people.model import Person, Section
from outreach.people.rules import Act, may, sees_section

Columns = TypeVarTuple("Columns")

_BUNDLE: Final = 500
"""Rows that an export reads at once."""
_HOLD: Final = (
    select(Item.id, Item.state, Item.public_end_reason, Item.first_post_id)
    .where(Item.id.in_(bindparam("ids", expanding=True)))
    .order_by(Item.id)
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; None is everything. `text` is looked for in titles and numbers."""

    text: str | None = None
    kind: Kind | None = None
    section: str | None = None
    state: ItemState | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """An item that another one names as the one that it corrects."""

    item_id: str
    section_id: str
    has_been_out: bool


@dataclass(frozen=True, slots=True)
class References:
    """What items name: sections by their names, and the items that they correct, by number or id; and the holidays by
    which their terms are counted."""

    sections: Mapping[str, Section]
    corrected: Mapping[str, Corrected]
    holidays: Entered


@dataclass(frozen=True, slots=True)
class Holder:
    """The item that has a sender's number."""

    item_id: str
    section_id: str


@dataclass(frozen=True, slots=True)
class ExportScope:
    """What an export will hold: how many items, and by kind the labels of the office's own rows, in the order in
    which they first occur."""

    total: int
    extra: Mapping[Kind, Sequence[str]]


async def get_item(session: AsyncSession, item_id: str, reader: Person) -> Item:
    """The item, if it is for `reader`'s eyes. Raises NotFound."""
    return _visible_to(reader, await session.get(Item, item_id))


async def hold_item(session: AsyncSession, item_id: str, actor: Person) -> Item:
    """The item as it stands, for whoever is about to change it: others who would change it wait until this
    transaction ends, and then see what came of it. So PostgreSQL answers two at once as SQLite does, whose
    writers stand in a line anyway. Raises NotFound."""
    return _visible_to(actor, await held_item(session, item_id))


async def held_item(session: AsyncSession, item_id: str) -> Item | None:
    """The same, where other rules than those of sections say for whose eyes it is; None where there is none."""
    return await session.get(
        Item, item_id, with_for_update={"of": Item, "key_share": True}, populate_existing=True
    )


class HeldItem(NamedTuple):
    """An item that a transaction holds: why it is being withdrawn, where it is, and which post came out of it first."""

    id: str
    state: ItemState
    public_end_reason: str | None
    first_post_id: str | None


async def hold_items(session: AsyncSession, item_ids: Collection[str]) -> list[HeldItem]:
    """Holds several items in the same way, in the order of their ids: two transactions that hold several each
    can't block each other."""
    return [HeldItem(*row) for row in await session.execute(_HOLD, {"ids": list(item_ids)})]


async def find_by_source_id(session: AsyncSession, source_id: str) -> Item | None:
    """The item that came in under that number of its sender."""
    return (await session.scalars(select(Item).where(Item.source_id == source_id))).one_or_none()


async def find_numbers(session: AsyncSession, numbers: Sequence[str]) -> dict[str, Holder]:
    """The items that came in under these numbers of their senders, by number. An item that had none answers to
    its own id: under that it is exported."""
    query = select(Item.id, Item.source_id, Item.section_id).where(
        or_(Item.source_id.in_(numbers), and_(Item.source_id.is_(None), Item.id.in_(numbers)))
    )
    rows = await session.execute(query)
    return {source_id or item_id: Holder(item_id, section_id) for item_id, source_id, section_id in rows}


async def find_references(session: AsyncSession, contents: Sequence[Content]) -> References:
    """What these contents name and is there."""
    names = {content.section for content in contents}
    sections = await session.scalars(select(Section).where(Section.name.in_(names)))
    corrected = {content.corrects for content in contents if content.corrects}
    return References(
        {section.name: section for section in sections},
        await _find_corrected(session, corrected) if corrected else {},
        await entered_holidays(session),
    )


async def find_corrected(session: AsyncSession, reference: str, reader: Person) -> Item | None:
    """The item that another one corrects, by its sender's number or its id, if it has been out and is for `reader`'s
    eyes."""
    query = select(Item).where(
        (Item.source_id == reference) | (Item.id == reference), Item.state.in_(CORRECTABLE)
    )
    found = (await session.scalars(query)).unique().first()
    return found if found is not None and sees_section(reader, found.section_id) else None


async def corrections_of(session: AsyncSession, item: Item, reader: Person) -> Sequence[Item]:
    """The items that correct this one, wherever they stand, if they are for `reader`'s eyes; the first one first."""
    if item.state not in CORRECTABLE:
        return []
    query = visible(select(Item), reader.section_ids, ItemFilter()).where(Item.corrects_id == item.id)
    return (await session.scalars(query.order_by(Item.id))).unique().all()


async def public_corrections_of(session: AsyncSession, item_id: str) -> Sequence[Item]:
    """The items that correct this one and have a public page, the first one first."""
    query = public_corrections(item_id).order_by(_Correction.public_since, _Correction.id)
    return (await session.scalars(query)).unique().all()


def public_corrections(item_id: str | ColumnElement[str]) -> Select[Item]:
    """The items that correct that one and have a public page."""
    return select(_Correction).where(
        _Correction.corrects_id == item_id,
        _Correction.public_since.is_not(None),
        _Correction.state.not_in(NO_LONGER_PUBLIC),
        _Correction.public_end_reason.is_(None),
    )


async def due_withdrawals(session: AsyncSession, today: date, *, limit: int) -> Sequence[str]:
    """The ids of the published items whose day of withdrawal has come by `today` and that nobody withdraws yet."""
    query = (
        select(Item.id)
        .where(
            Item.withdraw_on <= today,
            Item.state == ItemState.PUBLISHED,
            Item.public_end_reason.is_(None),
        )
        .order_by(Item.withdraw_on, Item.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def count_items(session: AsyncSession, reader: Person, narrow: ItemFilter, *, at_most: int) -> int:
    """How many items there are that `reader` may see, counted no further than `at_most`: whoever counts a million
    reads a million."""
    some = visible(select(Item.id), reader.section_ids, narrow).limit(at_most).subquery()
    return (await session.scalar(select(func.count()).select_from(some))) or 0


async def export_scope(session: AsyncSession, reader: Person, narrow: ItemFilter) -> ExportScope:
    """What `items_to_export` will give. To be asked in the same snapshot."""
    query = _exported(select(Item.kind, Item.fields["extra"]), reader, narrow)
    total = 0
    labels: dict[Kind, dict[str, None]] = {}
    async for kind, extra in await session.stream(query.execution_options(yield_per=_BUNDLE)):
        total += 1
        labels.setdefault(kind, {}).update(dict.fromkeys(extra or ()))
    return ExportScope(total, {kind: list(labels[kind]) for kind in Kind if kind in labels})


async def items_to_export(
    session: AsyncSession, reader: Person, narrow: ItemFilter
) -> AsyncIterator[Sequence[tuple[Item, str | None]]]:
    """Every item that the list would show and that is not sealed, in the same order, some at a time; with each, the
    number or id of the item that it corrects."""
    corrected = aliased(Item)
    query = _exported(select(Item, func.coalesce(corrected.source_id, corrected.id)), reader, narrow)
    query = query.outerjoin(corrected, Item.corrects_id == corrected.id)
    result = await session.stream(query.execution_options(yield_per=_BUNDLE))
    async for rows in result.partitions():
        yield [(item, number) for item, number in rows]


async def count_by_place(session: AsyncSession) -> dict[Place, int]:
    """How many items stand at each place where any do."""
    query = select(Item.state, Item.stage, func.count()).group_by(Item.state, Item.stage)
    return {(state, stage): count for state, stage, count in await session.execute(query)}


async def longest_in_review(session: AsyncSession) -> dict[Stage, datetime]:
    """Since when the item that waits longest has been waiting, at each stage where any does."""
    query = (
        select(Item.stage, func.min(Item.waiting_since))
        .where(Item.state == ItemState.IN_REVIEW)
        .group_by(Item.stage)
    )
    return {stage: since for stage, since in await session.execute(query) if stage and since}


async def items_that_correct(session: AsyncSession, item_id: str) -> Sequence[str]:
    """The ids of the items that correct this one: their texts may quote its title."""
    return (await session.scalars(select(Item.id).where(Item.corrects_id == item_id).order_by(Item.id))).all()


def sealed_items() -> Select[str]:
    """The ids of the items that are sealed now, for a query that leaves them out."""
    return select(Item.id).where(Item.state == ItemState.SEALED)


async def revisions_of(session: AsyncSession, item_id: str) -> Sequence[Revision]:
    """Every revision that was submitted, first one first."""
    query = select(Revision).where(Revision.item_id == item_id).order_by(Revision.number)
    return (await session.scalars(query)).all()


async def authors_of(session: AsyncSession, item: Item) -> frozenset[str]:
    """The ids of all who wrote or submitted the present revision or one that it goes on from."""
    query = select(Author.person_id).where(Author.item_id == item.id, Author.revision <= item.revision)
    return frozenset((await session.scalars(query)).all())


async def writers_by_revision(session: AsyncSession, item_id: str) -> dict[int, set[str]]:
    """The ids of those who wrote or submitted each revision."""
    writers: dict[int, set[str]] = {}
    query = select(Author.revision, Author.person_id).where(Author.item_id == item_id)
    for revision, person_id in await session.execute(query):
        writers.setdefault(revision, set()).add(person_id)
    return writers


def _visible_to(reader: Person, item: Item | None) -> Item:
    if item is None or not sees_section(reader, item.section_id):
        raise NotFound("没有这条信息，或者它不属于您所在的科室。")
    if item.state is ItemState.SEALED:
        require_to_open_sealed(reader)
    return item


def require_may_ask(reader: Person, narrow: ItemFilter) -> None:
    """Sealed items are listed for whoever may open them. Raises Forbidden."""
    if narrow.state is ItemState.SEALED:
        require_to_open_sealed(reader)


def require_to_open_sealed(reader: Person) -> None:
    """What perhaps is a secret is opened by the confidentiality reviewer alone. Raises Forbidden."""
    if not may(reader, Act.KEEP_SCREENING):
        raise Forbidden("这条信息发现密级标志，已经封存，只有保密审查员可以打开。")


_Correction: Final = aliased(Item)


def visible(
    query: Select[*Columns], section_ids: frozenset[str] | None, narrow: ItemFilter
) -> Select[*Columns]:
    """The query, narrowed to what a reader of these sections (`Person.section_ids`) may see and asks for. Sealed items
    are there only where they alone are asked for."""
    if narrow.state is not ItemState.SEALED:
        query = query.where(Item.state != ItemState.SEALED)
    if section_ids is not None:
        query = query.where(Item.section_id.in_(section_ids))
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


def _exported(query: Select[*Columns], reader: Person, narrow: ItemFilter) -> Select[*Columns]:
    return (
        visible(query, reader.section_ids, narrow)
        .where(Item.state != ItemState.SEALED)
        .order_by(Item.id.desc())
    )


async def _find_corrected(session: AsyncSession, references: Collection[str]) -> dict[str, Corrected]:
    query = select(Item.id, Item.source_id, Item.section_id, Item.state).where(
        or_(Item.source_id.in_(references), Item.id.in_(references))
    )
    found: dict[str, Corrected] = {}
    for item_id, source_id, section_id, state in await session.execute(query):
        one = Corrected(item_id, section_id, state in CORRECTABLE)
        found |= {item_id: one, **({source_id: one} if source_id else {})}
    return found
