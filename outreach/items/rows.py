"""What busy pages and calls read of items: rows of columns, by statements that are made once.

Built anew for each request, and read through the mapper, a statement would cost several times what the
database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    bindparam,
    func,
    join,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Attachment, Item, ItemState, Kind, Stage
from outreach.items.queries import ItemFilter, visible
from outreach.people.model import Person, Section

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
RowsByItem = dict[str, list[AnyRow]]
ITEM: Final = Item.__table__.c
SECTION: Final = Section.__table__.c
IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
READER: Final = bindparam("reader", type_=String)
_ATTACHMENT: Final = Attachment.__table__.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that waits for somebody: what a row of a queue shows of it."""

    id: str
    title: str
    kind: Kind
    section: str
    state: ItemState
    stage: Stage | None
    deadline: date
    deadline_is_estimate: bool
    waiting_since: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Which rows of a longer list are wanted."""

    offset: int
    limit: int


def waiting(*conditions: ColumnElement[bool]) -> AnySelect:
    """What `waiting_items` reads: the items under `conditions`, which may name `:reader`."""
    return _WAITING.where(*conditions)


async def waiting_items(
    session: AsyncSession, query: AnySelect, reader: Person, span: Span, **values: Any
) -> tuple[list[Waiting], int]:
    """Those rows of `query` (made by `waiting` and ordered) that `reader` may see, and how many there are in
    all."""
    seen = {"all_sections": reader.section_ids is None, "section_ids": list(reader.section_ids or ())}
    given = {"reader": reader.id, "offset": span.offset, "rows": span.limit, **seen, **values}
    rows = (await session.execute(query, given)).all()
    if rows or span.offset == 0:
        return [Waiting(*row[:-1]) for row in rows], rows[0].total if rows else 0
    first = (await session.execute(query, {**given, "offset": 0, "rows": 1})).first()
    return [], first.total if first else 0


async def list_contents(
    session: AsyncSession, reader: Person, narrow: ItemFilter, *, limit: int, cursor: str | None = None
) -> tuple[Sequence[AnyRow], str | None]:
    """A page of items that `reader` may see, newest first, and the cursor of the next page: rows of the items' own
    columns and their `section`'s name, without what hangs on them."""
    query = visible(_CONTENTS, reader, narrow).order_by(ITEM.id.desc()).limit(limit + 1)
    if cursor:
        query = query.where(ITEM.id < cursor)
    rows = (await session.execute(query)).all()
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def content_row(session: AsyncSession, item_id: str) -> AnyRow:
    """One such row."""
    return (await session.execute(_CONTENTS.where(ITEM.id == item_id))).one()


async def attachments_by_item(session: AsyncSession, item_ids: Sequence[str]) -> RowsByItem:
    """The files of the items, in their order."""
    return await rows_by_item(session, _ATTACHMENTS, item_ids)


async def rows_by_item(session: AsyncSession, query: AnySelect, item_ids: Sequence[str]) -> RowsByItem:
    """The rows of a query that reads what hangs on the items `IDS`, for each item in their order."""
    grouped: RowsByItem = {}
    for row in await session.execute(query, {"ids": item_ids}):
        grouped.setdefault(row.item_id, []).append(row)
    return grouped


_CONTENTS: Final[AnySelect] = select(
    *(ITEM.id, ITEM.public_id, ITEM.source_id, ITEM.kind, ITEM.title, ITEM.short_title),
    *(SECTION.name.label("section"), ITEM.origin, ITEM.repost_source, ITEM.repost_url, ITEM.corrects_id),
    *(ITEM.formed_on, ITEM.body, ITEM.fields, ITEM.state, ITEM.stage, ITEM.revision, ITEM.version),
    *(ITEM.deadline, ITEM.deadline_is_estimate, ITEM.public_since, ITEM.created_at, ITEM.updated_at),
).select_from(join(Item.__table__, Section.__table__, ITEM.section_id == SECTION.id))
_ATTACHMENTS: Final = (
    select(*(_ATTACHMENT.item_id, _ATTACHMENT.id, _ATTACHMENT.name, _ATTACHMENT.size, _ATTACHMENT.sha256))
    .where(_ATTACHMENT.item_id.in_(IDS))
    .order_by(_ATTACHMENT.position)
)
_WAITING: Final[AnySelect] = (
    select(
        *(ITEM.id, ITEM.title, ITEM.kind, SECTION.name, ITEM.state, ITEM.stage),
        *(ITEM.deadline, ITEM.deadline_is_estimate, ITEM.waiting_since, ITEM.updated_at),
        func.count().over().label("total"),
    )
    .select_from(join(Item.__table__, Section.__table__, ITEM.section_id == SECTION.id))
    .where(
        or_(
            bindparam("all_sections", type_=Boolean),
            ITEM.section_id.in_(bindparam("section_ids", expanding=True)),
        )
    )
    .offset(bindparam("offset", type_=Integer))
    .limit(bindparam("rows", type_=Integer))
)
