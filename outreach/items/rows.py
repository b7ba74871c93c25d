"""What busy pages and calls read of items: rows of columns, by statements that are made once.

Built anew for each request, and read through the mapper, a statement would cost several times what the
database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    String,
    Text,
    bindparam,
    case,
    cast,
    func,
    join,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.json_columns import json_list
from outreach.items.model import Attachment, Item, ItemState, Kind, Stage
from outreach.items.queries import ItemFilter, visible
from outreach.people.model import Person, Section

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
ITEM: Final = Item.__table__.c
SECTION: Final = Section.__table__.c
BEYOND: Final = "Z" * 26
"""After every id."""
READER: Final = bindparam("reader", type_=String)
URGENT_DAYS: Final = 3
"""An item is urgent from so many calendar days before its statutory deadline, and after it."""
_IS_URGENT: Final = ITEM.deadline <= bindparam("urgent_until", type_=Date)
URGENT_FIRST: Final = (
    case((ITEM.is_emergency, 0), else_=1),
    case((_IS_URGENT, 0), else_=1),
    case((_IS_URGENT, ITEM.deadline)),
)
"""The order of a query of `waiting`: emergencies before all others, then urgent items, of them the one with the least
time left first."""
OF_OWN_SECTIONS: Final = or_(
    bindparam("all_sections", type_=Boolean), ITEM.section_id.in_(bindparam("section_ids", expanding=True))
)
"""That an item is of one of the reader's sections, in a query of `waiting`."""
_NOBODY: Final = literal_column("NULL", String)
_NONE: Final = literal_column("0", Integer)
_ATTACHMENT: Final = Attachment.__table__.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that waits for somebody: what a row of a queue shows of it. `found` is a JSON list that has `severity`
    and `label` of what the screening found and nobody judged a false alarm, in the order of the text; `holder` is the
    name of who works on it, `reminders` how often somebody asked to hurry, `instead_of` the name of whom the reader
    stands in for."""

    found: str
    id: str
    title: str
    kind: Kind
    section: str
    state: ItemState
    stage: Stage | None
    deadline: date
    deadline_is_estimate: bool
    is_emergency: bool
    waiting_since: datetime | None
    updated_at: datetime
    holder: str | None
    reminders: int
    instead_of: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Which rows of a longer list are wanted."""

    offset: int
    limit: int


def waiting(
    found: ColumnElement[Any],
    *conditions: ColumnElement[bool],
    holder: ColumnElement[Any] = _NOBODY,
    reminders: ColumnElement[Any] = _NONE,
    instead_of: ColumnElement[Any] = _NOBODY,
) -> AnySelect:
    """What `waiting_items` reads: the items under `conditions`, which may name `:reader` and `OF_OWN_SECTIONS`, each with
    its `holder`, its `reminders`, `instead_of` whom it waits, and what was `found` in it
    (`screening.queries.STANDING`)."""
    return _WAITING.add_columns(holder, reminders, instead_of, cast(found, Text)).where(*conditions)


def page(query: AnySelect, section_ids: frozenset[str] | None, narrow: ItemFilter, rows: int) -> AnySelect:
    """The first `rows` of `query` before the id `:before` that a reader of these sections may see, newest first. To be
    made once. The number of rows stands in it as it is: PostgreSQL, who does not know a parameter when it plans once for
    all, would plan each time."""
    seen = visible(query, section_ids, narrow).where(ITEM.id < bindparam("before", type_=String))
    return seen.order_by(ITEM.id.desc()).limit(literal_column(f"{rows:d}"))


async def list_items(
    session: AsyncSession, reader: Person, narrow: ItemFilter, *, limit: int, cursor: str | None = None
) -> tuple[Sequence[AnyRow], str | None]:
    """A page of items that `reader` may see, newest first, each with its `section`'s name, and the cursor of the next
    page."""
    query = _listed(reader.section_ids, narrow, limit + 1)
    rows = (await session.execute(query, {"before": cursor or BEYOND})).all()
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def waiting_items(
    session: AsyncSession, query: AnySelect, reader: Person, span: Span, **values: Any
) -> tuple[list[Waiting], int]:
    """Those rows of `query` (made by `waiting` and ordered) that are for `reader`, and how many there are in all."""
    seen = {"all_sections": reader.section_ids is None, "section_ids": list(reader.section_ids or ())}
    urgent_until = clock.today(clock.SHANGHAI) + timedelta(days=URGENT_DAYS)
    given = {"reader": reader.id, "offset": span.offset, "rows": span.limit, "urgent_until": urgent_until}
    given |= {**seen, **values}
    rows = (await session.execute(query, given)).all()
    if rows or span.offset == 0:
        items = [Waiting(row[-1], *row[1:-1]) for row in rows]
        return items, rows[0].total if rows else 0
    first = (await session.execute(query, {**given, "offset": 0, "rows": 1})).first()
    return [], first.total if first else 0


@lru_cache(maxsize=64)
def _listed(section_ids: frozenset[str] | None, narrow: ItemFilter, rows: int) -> AnySelect:
    return page(_LISTED, section_ids, narrow, rows)


_LISTED: Final[AnySelect] = select(
    *(ITEM.id, ITEM.title, ITEM.kind, SECTION.name.label("section"), ITEM.state, ITEM.stage),
    *(ITEM.formed_on, ITEM.deadline, ITEM.deadline_is_estimate, ITEM.updated_at),
).select_from(join(Item.__table__, Section.__table__, ITEM.section_id == SECTION.id))
ATTACHMENTS: Final = json_list(
    select(
        *(_ATTACHMENT.id, _ATTACHMENT.name, _ATTACHMENT.size, _ATTACHMENT.sha256),
        _ATTACHMENT.sha256.is_(None).label("missing"),
    )
    .where(_ATTACHMENT.item_id == ITEM.id)
    .order_by(_ATTACHMENT.position)
    .correlate(Item.__table__)
)
"""An item's files in their order, as JSON: a column beside those of `ITEM`."""
# Not joined: the names of fifty rows are wanted, not those of all that are counted.
_SECTION_NAME: Final = select(SECTION.name).where(SECTION.id == ITEM.section_id).scalar_subquery()
_WAITING: Final[AnySelect] = (
    select(
        func.count().over().label("total"),
        *(ITEM.id, ITEM.title, ITEM.kind, _SECTION_NAME, ITEM.state, ITEM.stage),
        *(ITEM.deadline, ITEM.deadline_is_estimate, ITEM.is_emergency, ITEM.waiting_since, ITEM.updated_at),
    )
    .offset(bindparam("offset", type_=Integer))
    .limit(bindparam("rows", type_=Integer))
)
