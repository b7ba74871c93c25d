"""Counting, in the same transaction as what is counted.

Rows of tallies are raised in one order by everybody, so that two who count at once can't block each other. Only after
that is it asked which of the months are closed: whoever closes one waits for those who are counting (`closing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.items.model import Stage
from outreach.publishing.model import Post
from outreach.publishing.service import Confirmed
from outreach.review.model import Decision, DecisionKind, ReviewRecord
from outreach.statistics.cells import NUMBERS_OF, OTHER_BASIS, Cell, Counts, months_in, rows_of
from outreach.statistics.model import NONE, ClosedMonth, Measure, MonthCorrection
from outreach.statistics.rules import month_of

_LATE: Final = "结账后才确认发布"
_WITHDRAWN: Final = "结账后撤回"
_LOCK: Final = text("LOCK TABLE tally, act_tally IN ROW EXCLUSIVE MODE")
_CLOSED: Final = select(ClosedMonth.month).where(ClosedMonth.month.in_(bindparam("months", expanding=True)))


class Change(NamedTuple):
    """One more of `cell`, or as many as `number`; `reason` (Chinese) and the post stand with it where the month is
    closed already."""

    cell: Cell
    reason: str
    post_id: str | None = None
    number: int = 1


async def begin_counting(session: AsyncSession) -> None:
    """Waits for who closes a month. To be called by whoever writes into the audit log before it counts: a closing holds
    the counts first and the log's end at last, so that the two would wait for each other. (On SQLite whoever writes is
    alone.)"""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_LOCK)


async def count_published(
    session: AsyncSession, posts: Sequence[Confirmed], first_posts: Collection[str], zone: ZoneInfo
) -> None:
    """The posts that were just confirmed are counted; the items too of which one is the first post (its id is in
    `first_posts`)."""
    changes = [change for post in posts for change in _of_post(post, zone)]
    changes += [_of_content(post, zone) for post in posts if post.id in first_posts]
    await add(session, changes)


async def count_withdrawn(session: AsyncSession, post: Post, zone: ZoneInfo) -> None:
    """The post stays counted in its month and is shown as withdrawn beside it."""
    cell = _cell(Measure.WITHDRAWN, post, zone)._replace(origin=post.origin)
    await add(session, [Change(cell, _WITHDRAWN, post.id)])


async def count_decision(
    session: AsyncSession, item_id: str, revision: int, stage: Stage, zone: ZoneInfo
) -> None:
    """The decision on the revision at that stage is counted, for the section and kind that its record names."""
    query = (
        select(Decision, ReviewRecord)
        .join(
            ReviewRecord,
            (ReviewRecord.item_id == Decision.item_id) & (ReviewRecord.revision == Decision.revision),
        )
        .where(Decision.item_id == item_id, Decision.revision == revision, Decision.stage == stage)
    )
    decision, record = (await session.execute(query)).one()
    month = month_of(decision.at, zone)
    common = {"kind": record.kind, "section_id": record.section_id}
    cells = [Cell(Measure.REVIEWS, month, **common, detail=f"{decision.stage}:{decision.kind}")]
    if decision.kind is DecisionKind.REFUSE:
        basis = str(record.article or OTHER_BASIS)
        cells.append(Cell(Measure.REFUSALS, month, **common, detail=basis))
    await add(session, [Change(cell, "") for cell in cells])


async def count_notice(
    session: AsyncSession, account_id: str, occasion: str, started_at: datetime, zone: ZoneInfo
) -> None:
    """A notice that starts now is counted, for its account and occasion."""
    cell = Cell(Measure.NOTICES, month_of(started_at, zone), account_id, detail=occasion)
    await add(session, [Change(cell, "")])


def counted_month(post: Post | Confirmed, zone: ZoneInfo) -> str:
    """The month `YYYY-MM` that a post counts in."""
    if post.published_at is None:
        raise ValueError("only a post that is out can be counted")
    return month_of(post.published_at, zone)


async def add(session: AsyncSession, changes: Iterable[Change]) -> None:
    """The counts are raised by what changed; of a closed month each change is listed too."""
    several = list(changes)
    counts: Counts = Counter()
    for change in several:
        counts[change.cell] += change.number
    await raise_counts(session, counts)
    await _list_where_closed(session, several)


async def raise_counts(session: AsyncSession, counts: Counts) -> None:
    """The counts are raised (or lowered) by so many; nothing is listed."""
    for model, rows in groupby(rows_of(counts), key=lambda row: row[0]):
        await _raise(session, model, [(key, numbers) for _, key, numbers in rows])


def _of_post(post: Confirmed, zone: ZoneInfo) -> list[Change]:
    cell = _cell(Measure.POSTS, post, zone)._replace(origin=post.origin)
    changes = [Change(cell, _LATE, post.id)]
    if post.edition_id is not None:
        changes.append(Change(_cell(Measure.ARTICLES, post, zone), _LATE, post.id))
    return changes


def _of_content(post: Confirmed, zone: ZoneInfo) -> Change:
    cell = _cell(Measure.CONTENTS, post, zone)._replace(account_id=NONE, origin=post.origin)
    return Change(cell, _LATE, post.id)


def _cell(measure: Measure, post: Post | Confirmed, zone: ZoneInfo) -> Cell:
    return Cell(measure, counted_month(post, zone), post.account_id, post.kind, post.section_id)


async def _raise(
    session: AsyncSession, model: type[Any], rows: Sequence[tuple[Sequence[str], Mapping[str, int]]]
) -> None:
    """Adds to the rows, which begin at zero; safe against others that add at the same time. One statement for however
    many, so that it is made once and not for each number of rows."""
    table: Table = model.__table__
    names, key_names = NUMBERS_OF[model], [column.name for column in table.primary_key]
    query = insert_into(session, table)
    raised = {name: table.c[name] + query.excluded[name] for name in names}
    raising = query.on_conflict_do_update(index_elements=key_names, set_=raised)
    zero = dict.fromkeys(names, 0)
    values = [{**dict(zip(key_names, key, strict=True)), **zero, **numbers} for key, numbers in rows]
    await (await session.connection()).execute(raising, values)


async def _list_where_closed(session: AsyncSession, changes: Sequence[Change]) -> None:
    months = months_in(change.cell for change in changes)
    closed = set(await session.scalars(_CLOSED, {"months": sorted(months)}))
    await list_corrections(session, [change for change in changes if change.cell.month in closed])


async def list_corrections(session: AsyncSession, changes: Sequence[Change]) -> None:
    """What changed of closed months stands against them from now on."""
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            **change.cell._asdict(),
            "at": now,
            "change": change.number,
            "reason": change.reason,
            "post_id": change.post_id,
        }
        for change in changes
    ]
    if rows:
        await session.execute(insert(MonthCorrection), rows)
