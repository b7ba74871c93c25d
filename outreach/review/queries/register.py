"""The register (台账): every reviewed revision, narrowed down, counted, and read piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, null, or_, select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.clock import SHANGHAI
from outreach.foundation.database import stored_enum
from outreach.foundation.problems import NotFound
from outreach.items.model import Item, ItemState, Kind, Stage
from outreach.people.model import Person, Section
from outreach.people.rules import signature
from outreach.review.acting import is_lent
from outreach.review.model import Decision, ReviewRecord, Standing
from outreach.review.rules import sees_every_record

Columns = TypeVarTuple("Columns")
RevisionKey = tuple[str, int]
"""An item's id and the number of its revision."""

_BUNDLE: Final = 100
"""Records that an export reads at once."""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What the register is narrowed to; None is everything. `first` and `last` are days (Asia/Shanghai) on which
    records were opened, `reviewer` the id of somebody who decided, `text` is looked for in titles."""

    first: date | None = None
    last: date | None = None
    section: str | None = None
    kind: Kind | None = None
    standing: Standing | None = None
    reviewer: str | None = None
    text: str | None = None
    is_filed: bool | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record as the register shows it. `title` is None where the item was sealed, `reviewers` names who decided,
    and in whose stead, in the order of their decisions; `afterwards` says of each whether it was the section's on an emergency."""

    year: int
    number: int
    item_id: str
    revision: int
    title: str | None
    kind: Kind
    section: str
    standing: Standing
    basis: str | None
    opened_at: datetime
    concluded_at: datetime | None
    filed_at: datetime | None
    filed_by_name: str | None
    reviewers: tuple[tuple[Stage, str, bool], ...]


async def get_record(session: AsyncSession, item_id: str, revision: int, reader: Person) -> ReviewRecord:
    """The record of a revision, if it is for `reader`'s eyes, also while they stand in for a reviewer of the item; that
    of a sealed item is for nobody's. Raises NotFound."""
    query = select(ReviewRecord).join(Item)
    item = await session.get(Item, item_id) if reader.lent else None
    if item is None or not is_lent(reader, item):
        query = _in_scope(query, reader)
    query = query.where(
        ReviewRecord.item_id == item_id, ReviewRecord.revision == revision, Item.state != ItemState.SEALED
    )
    record = (await session.scalars(query)).one_or_none()
    if record is None:
        raise NotFound("没有这份审查表，或者它不属于您所在的科室。")
    return record


async def recorded_revisions(session: AsyncSession, item_id: str) -> Sequence[int]:
    """The revisions of an item that have a record."""
    query = select(ReviewRecord.revision).where(ReviewRecord.item_id == item_id)
    return (await session.scalars(query)).all()


async def list_records(
    session: AsyncSession, reader: Person, narrow: RecordFilter, *, limit: int, before: tuple[int, int] | None
) -> tuple[list[RecordRow], tuple[int, int] | None]:
    """A page of the records that `reader` may see, the highest number first, and what the next page is `before`."""
    query = narrowed(_ROWS, reader, narrow).order_by(ReviewRecord.year.desc(), ReviewRecord.number.desc())
    if before:
        query = query.where(tuple_(ReviewRecord.year, ReviewRecord.number) < before)
    found = (await session.execute(query.limit(limit + 1))).all()
    rows = await _with_reviewers(session, found[:limit])
    return rows, (rows[-1].year, rows[-1].number) if len(found) > limit else None


async def count_by_standing(
    session: AsyncSession, reader: Person, narrow: RecordFilter
) -> dict[Standing, int]:
    """How many of these records stand where, whatever standing is asked for."""
    query = narrowed(select(STANDING, func.count()).join(Item).group_by(STANDING), reader, narrow, all_=True)
    return {Standing(standing): count for standing, count in await session.execute(query)}


async def records_in_order(
    session: AsyncSession, reader: Person, narrow: RecordFilter
) -> AsyncIterator[list[RecordRow]]:
    """Every record that the register would show, in the order of the numbers, some at a time."""
    query = narrowed(_ROWS, reader, narrow).order_by(ReviewRecord.year, ReviewRecord.number).limit(_BUNDLE)
    after: tuple[int, int] | None = None
    while True:
        page = query if after is None else query.where(tuple_(ReviewRecord.year, ReviewRecord.number) > after)
        rows = await _with_reviewers(session, (await session.execute(page)).all())
        if not rows:
            return
        yield rows
        after = rows[-1].year, rows[-1].number


async def reviewers(session: AsyncSession) -> Sequence[tuple[str, str]]:
    """Id and name of everybody who ever decided, by name."""
    query = select(Person.id, Person.name).where(exists().where(Decision.by_id == Person.id))
    return [(id_, name) for id_, name in await session.execute(query.order_by(Person.name))]


def narrowed(
    query: Select[*Columns], reader: Person, narrow: RecordFilter, *, all_: bool = False
) -> Select[*Columns]:
    """The query over records and their items, for `reader` and narrowed down; with `all_` to no standing."""
    query = _in_scope(query, reader).where(*_opened(narrow))
    if narrow.section is not None:
        named = select(Section.id).where(Section.name == narrow.section)
        query = query.where(ReviewRecord.section_id.in_(named))
    if narrow.kind is not None:
        query = query.where(ReviewRecord.kind == narrow.kind)
    if narrow.standing is not None and not all_:
        query = query.where(STANDING.in_([narrow.standing]))
    if narrow.reviewer is not None:
        query = query.where(_DECIDED.where(Decision.by_id == narrow.reviewer))
    if narrow.text:
        query = query.where(_TITLE.contains(narrow.text, autoescape=True))
    if narrow.is_filed is not None:
        query = query.where(
            ReviewRecord.filed_at.is_not(None) if narrow.is_filed else ReviewRecord.filed_at.is_(None)
        )
    return query


def begins(day: date) -> datetime:
    """The moment at which a day begins in Asia/Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def _in_scope(query: Select[*Columns], reader: Person) -> Select[*Columns]:
    if sees_every_record(reader) or reader.section_ids is None:
        return query
    return query.where(ReviewRecord.section_id.in_(reader.section_ids))


def _opened(narrow: RecordFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if narrow.first is not None:
        conditions.append(ReviewRecord.opened_at >= begins(narrow.first))
    if narrow.last is not None:
        conditions.append(ReviewRecord.opened_at < begins(narrow.last + timedelta(days=1)))
    return conditions


async def _with_reviewers(session: AsyncSession, rows: Sequence[Any]) -> list[RecordRow]:
    keys = [(row.item_id, row.revision) for row in rows]
    decided: dict[RevisionKey, list[tuple[Stage, str, bool]]] = {}
    if keys:
        query = (
            select(
                *(Decision.item_id, Decision.revision, Decision.stage),
                *(Decision.by_name, Decision.absent_name, Decision.afterwards),
            )
            .where(Decision.item_id.in_([item_id for item_id, _ in keys]))
            .order_by(Decision.at, Decision.id)
        )
        for item_id, revision, stage, name, absent, afterwards in await session.execute(query):
            decided.setdefault((item_id, revision), []).append((stage, signature(name, absent), afterwards))
    return [
        RecordRow(**row._mapping, reviewers=tuple(decided.get(key, ())))
        for key, row in zip(keys, rows, strict=True)
    ]


_UNDER_REVIEW: Final = and_(Item.state == ItemState.IN_REVIEW, Item.revision == ReviewRecord.revision)
STANDING: Final[ColumnElement[Standing]] = case(
    (
        and_(
            or_(ReviewRecord.standing == Standing.OPEN, ReviewRecord.standing == Standing.REFER),
            ~_UNDER_REVIEW,
        ),
        type_coerce(Standing.ENDED, stored_enum(Standing)),
    ),
    else_=ReviewRecord.standing,
)
"""Where a record stands, also once its item was edited or taken back before anything was decided."""
_TITLE: Final = case((Item.state == ItemState.SEALED, null()), else_=ReviewRecord.title)
_DECIDED: Final = exists().where(
    Decision.item_id == ReviewRecord.item_id, Decision.revision == ReviewRecord.revision
)
_ROWS: Final = (
    select(
        *(ReviewRecord.year, ReviewRecord.number, ReviewRecord.item_id, ReviewRecord.revision),
        *(_TITLE.label("title"), ReviewRecord.kind, Section.name.label("section")),
        *(STANDING.label("standing"), ReviewRecord.basis, ReviewRecord.opened_at),
        *(ReviewRecord.concluded_at, ReviewRecord.filed_at, ReviewRecord.filed_by_name),
    )
    .join(Item, Item.id == ReviewRecord.item_id)
    .join(Section, Section.id == ReviewRecord.section_id)
)
