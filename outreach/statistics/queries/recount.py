"""The counts as kept, and the same counted anew from what they are counts of: posts, items, decisions, notices.

The months are told by their bounds in the office's time zone, as one expression that both databases understand, so
that a recount reads each table once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.channels.model import Account
from outreach.followers.notices.model import Notice
from outreach.foundation.database import UtcDateTime, sort_in_memory
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Item
from outreach.people.model import Section
from outreach.publishing.model import Post, PostState
from outreach.review.model import Decision, DecisionKind, ReviewRecord
from outreach.statistics.cells import COLUMN_OF, OTHER_BASIS, Cell, Counts
from outreach.statistics.model import NONE, ActTally, ClosedMonth, Measure, MonthCorrection
from outreach.statistics.rules import MEASURE_LABELS, bounds_of, month_of, neighbour

_MONTH: Final = "counted_month"
_CLOSED: Final = "结账数与结账后变动之和："
_Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept count that is not what there is. `key` tells which, in words."""

    cell: Cell
    key: str
    kept: int
    counted: int


async def differences(
    session: AsyncSession, zone: ZoneInfo, months: Sequence[str] | None = None
) -> list[Difference]:
    """Counts everything anew (or what is of `months`) and compares it with each kept count; empty means that all agree.
    To be called in a snapshot, or while nobody counts."""
    kept, counted = await kept_counts(session, months), await recount(session, zone, months)
    closed, told = await told_of_closed(session, months)
    wrong = [("", cell, kept[cell], counted[cell]) for cell in sorted({*kept, *counted})]
    wrong += [
        (_CLOSED, cell, told[cell], kept[cell])
        for cell in sorted({*told, *(cell for cell in kept if cell.month in closed)})
    ]
    wrong = [one for one in wrong if one[2] != one[3]]
    names = await _names(session) if wrong else {}
    return [Difference(cell, prefix + _words(cell, names), one, other) for prefix, cell, one, other in wrong]


async def told_of_closed(
    session: AsyncSession, months: Sequence[str] | None = None
) -> tuple[frozenset[str], Counts]:
    """The closed months, and of each count what it was closed with and what was listed against it since, added up."""
    query = select(ClosedMonth.month)
    if months is not None:
        query = query.where(ClosedMonth.month.in_(months))
    closed = frozenset(await session.scalars(query))
    counts = await kept_counts(session, closed, as_closed=True)
    corrections = select(MonthCorrection).where(MonthCorrection.month.in_(closed))
    for one in await session.scalars(corrections):
        counts[Cell(*(getattr(one, name) for name in Cell._fields))] += one.change
    return closed, counts


async def kept_counts(
    session: AsyncSession, months: Collection[str] | None = None, *, as_closed: bool = False
) -> Counts:
    """Every count as it is kept, or as it was when its month was closed."""
    counts: Counts = Counter()
    for measure, (model, column) in COLUMN_OF.items():
        table = model.__table__
        key = [name for name in Cell._fields if name in table.c and name != "measure"]
        number = func.coalesce(table.c[f"closed_{column}"], 0) if as_closed else table.c[column]
        query = select(*(table.c[name] for name in key), number)
        if months is not None:
            query = query.where(table.c.month.in_(months))
        if model is ActTally:
            query = query.where(table.c.measure == measure)
        for *values, kept in await session.execute(query):
            counts[Cell(measure, **dict(zip(key, map(str, values), strict=True)))] += kept
    return counts


async def recount(session: AsyncSession, zone: ZoneInfo, months: Sequence[str] | None = None) -> Counts:
    """Every count as what is there says."""
    await sort_in_memory(session)
    counts: Counts = Counter()
    await _count_posts(session, zone, months, counts)
    await _count_decisions(session, zone, months, counts)
    await _count_notices(session, zone, months, counts)
    return counts


async def _count_posts(
    session: AsyncSession, zone: ZoneInfo, months: Sequence[str] | None, counts: Counts
) -> None:
    """Posts, and the contents whose first ones they are: to read each post once is most of a recount."""
    key = (Post.account_id, Post.kind, Post.section_id, Post.origin)
    withdrawn = func.count(case((Post.state == PostState.WITHDRAWN, 1)))
    query = select(*key, func.count(), withdrawn, func.count(Post.edition_id), func.count(Item.id)).join_from(
        Post, Item, (Item.id == Post.item_id) & (Item.first_post_id == Post.id), isouter=True
    )
    for month, account, kind, section, origin, posts, gone, pushed, contents in await _by_month(
        session, query, key, Post.published_at, zone, months
    ):
        cell = Cell(Measure.POSTS, month, account, str(kind), section, str(origin))
        counts[cell] = posts
        counts[cell._replace(measure=Measure.WITHDRAWN)] = gone
        counts[cell._replace(measure=Measure.ARTICLES, origin=NONE)] += pushed
        counts[cell._replace(measure=Measure.CONTENTS, account_id=NONE)] += contents


async def _count_decisions(
    session: AsyncSession, zone: ZoneInfo, months: Sequence[str] | None, counts: Counts
) -> None:
    key = (ReviewRecord.kind, ReviewRecord.section_id, Decision.stage, Decision.kind, ReviewRecord.article)
    query = select(*key, func.count()).join_from(
        Decision,
        ReviewRecord,
        (ReviewRecord.item_id == Decision.item_id) & (ReviewRecord.revision == Decision.revision),
    )
    for month, kind, section, stage, decision, article, number in await _by_month(
        session, query, key, Decision.at, zone, months
    ):
        cell = Cell(Measure.REVIEWS, month, NONE, str(kind), section, NONE, f"{stage}:{decision}")
        counts[cell] += number
        if decision is DecisionKind.REFUSE:
            basis = str(article or OTHER_BASIS)
            counts[cell._replace(measure=Measure.REFUSALS, detail=basis)] += number


async def _count_notices(
    session: AsyncSession, zone: ZoneInfo, months: Sequence[str] | None, counts: Counts
) -> None:
    key = (Notice.account_id, Notice.occasion)
    query = select(*key, func.count())
    for month, account, occasion, number in await _by_month(
        session, query, key, Notice.started_at, zone, months
    ):
        counts[Cell(Measure.NOTICES, month, account, detail=str(occasion))] = number


async def _by_month(
    session: AsyncSession,
    query: Select[*tuple[Any, ...]],
    key: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    moment: _Moment,
    zone: ZoneInfo,
    months: Sequence[str] | None,
) -> list[Any]:
    """The rows of `query`, grouped by the month of `moment` and by `key`, with the month before each."""
    if months is None:
        months = await _months_of(session, moment, zone)
    elif months:
        start, end = bounds_of(min(months), zone)[0], bounds_of(max(months), zone)[1]
        query = query.where(moment >= start, moment < end)
    if not months:
        return []
    month = month_of_column(moment, sorted(months), zone)
    grouped = query.add_columns(month.label(_MONTH)).where(moment.is_not(None)).group_by(text(_MONTH), *key)
    wanted = set(months)
    return [(row[-1], *row[:-1]) for row in await session.execute(grouped) if row[-1] in wanted]


async def _months_of(session: AsyncSession, moment: _Moment, zone: ZoneInfo) -> list[str]:
    first, last = (await session.execute(select(func.min(moment), func.max(moment)))).one()
    if first is None or last is None:
        return []
    months = [month_of(first, zone)]
    while months[-1] < month_of(last, zone):
        months.append(neighbour(months[-1], 1))
    return months


def month_of_column(moment: _Moment, months: Sequence[str], zone: ZoneInfo) -> ColumnElement[str]:
    """The month `YYYY-MM` of the time in that column, which lies in `months` (ascending, at least one): a search by
    halves, since SQLite knows no time zones, and a function called for each of millions of rows would be slow."""
    if len(months) == 1:
        return cast(literal(months[0]), String(7))
    middle = len(months) // 2
    begins = literal(bounds_of(months[middle], zone)[0].astimezone(UTC), UtcDateTime)
    return case(
        (moment < begins, month_of_column(moment, months[:middle], zone)),
        else_=month_of_column(moment, months[middle:], zone),
    )


async def _names(session: AsyncSession) -> dict[str, str]:
    accounts = await session.execute(select(Account.id, Account.name))
    sections = await session.execute(select(Section.id, Section.name))
    return dict([*accounts.all(), *sections.all()])


def _words(cell: Cell, names: dict[str, str]) -> str:
    labels = {str(kind): label for kind, label in KIND_LABELS.items()}
    labels |= {"original": "原创", "repost": "转载"}
    parts = (cell.account_id, cell.kind, cell.section_id, cell.origin, cell.detail)
    told = [names.get(part) or labels.get(part) or part for part in parts if part]
    return " · ".join([MEASURE_LABELS[cell.measure], cell.month, *told])
