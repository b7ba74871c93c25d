"""A month's figures as they are kept; a closed one as it was closed, with what changed later beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Kind
from outreach.people.model import Person
from outreach.statistics.model import Tally
from outreach.statistics.queries.kept import Closing, Correction, Kept, kept

NUMBERS: Final = ("original", "repost", "withdrawn")


@dataclass(frozen=True, slots=True)
class MonthRow:
    """How many posts of a kind and section went out on an account."""

    channel: ChannelName
    account: str
    account_name: str
    kind: Kind
    section: str
    original: int
    repost: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month's figures, as posts (rows, totals) and as contents (each item once). Of a closed month they are those of
    its closing; `corrections` is what changed since."""

    month: str
    rows: list[MonthRow]
    content_original: int
    content_repost: int
    closed: Closing | None = None
    corrections: list[Correction] = field(default_factory=list)

    def total(self, rows: Iterable[MonthRow] | None = None) -> dict[str, int]:
        """`original`, `repost` and `withdrawn` of `rows`, or of all."""
        return total_of(self.rows if rows is None else rows)

    def by(self, name: str) -> dict[str, dict[str, int]]:
        """The totals by `channel`, `kind`, `section` or `account_name`, in the order of the rows."""
        return totals_by(self.rows, name)


def total_of(rows: Iterable[MonthRow]) -> dict[str, int]:
    """`original`, `repost` and `withdrawn` of the rows."""
    chosen = list(rows)
    return {name: sum(getattr(row, name) for row in chosen) for name in NUMBERS}


def totals_by(rows: Sequence[MonthRow], name: str) -> dict[str, dict[str, int]]:
    """The totals by an attribute of the rows, in their order."""
    values = dict.fromkeys(getattr(row, name) for row in rows)
    return {str(one): total_of(row for row in rows if getattr(row, name) == one) for one in values}


async def month_figures(session: AsyncSession, month: str, reader: Person | None = None) -> MonthFigures:
    """The kept figures of `month` (`YYYY-MM`) for the sections of `reader`; None reads all."""
    found = await kept(session, month, month, reader)
    closing, contents = found.closings.get(month), contents_of(found, month)
    if closing is None:
        return MonthFigures(month, rows_of(found), *contents)
    as_closed, changes = rows_of(found, as_closed=True), list(found.corrections)
    return MonthFigures(month, as_closed, *contents_of(found, month, as_closed=True), closing, changes)


def rows_of(found: Kept, *, as_closed: bool = False) -> list[MonthRow]:
    """The posts of the months together, by account, kind and section; as they were closed, or as they stand now."""
    before = "closed_" if as_closed else ""
    ordered = sorted(found.rows, key=lambda one: (one.account_number, one.kind, one.section))
    rows = [
        MonthRow(
            *(one.channel, one.account, one.account_name, one.kind, one.section),
            *(getattr(one, before + name) for name in NUMBERS),
        )
        for one in ordered
    ]
    return [row for row in rows if row.original or row.repost or row.withdrawn]


def contents_of(found: Kept, month: str, *, as_closed: bool = False) -> tuple[int, int]:
    """How many original contents and how many reposts a month has."""
    one = found.contents.get(month)
    if one is None:
        return 0, 0
    return (one.closed_original, one.closed_repost) if as_closed else (one.original, one.repost)


async def months_with_figures(session: AsyncSession) -> list[str]:
    """The months in which anything was counted, newest first."""
    query = select(Tally.month).distinct().order_by(Tally.month.desc())
    return list((await session.scalars(query)).all())


async def published_by_channel(session: AsyncSession) -> dict[ChannelName, int]:
    """How many posts ever went out on each channel that has any, also those withdrawn since: never falls."""
    query = select(Account.channel, func.sum(Tally.posts)).join_from(Tally, Account).group_by(Account.channel)
    return {channel: int(posts) for channel, posts in await session.execute(query)}


def as_json(figures: MonthFigures, zone: str) -> dict[str, Any]:
    """The answer of the monthly statistics call."""
    return {
        "month": figures.month,
        "timezone": zone,
        "closed": figures.closed is not None,
        "rows": [without_name(row) for row in figures.rows],
        "totals": {**figures.total(), "by_channel": figures.by("channel"), "by_kind": figures.by("kind")},
        "contents": {"original": figures.content_original, "repost": figures.content_repost},
        "corrections": [without_name(one) for one in figures.corrections],
    }


def without_name(row: MonthRow | Correction) -> dict[str, Any]:
    """The row as calls answer it: an account is named by its id."""
    return {name: value for name, value in asdict(row).items() if name != "account_name"}


def of_reader(
    section_id: InstrumentedAttribute[str], reader: Person | None
) -> tuple[ColumnElement[bool], ...]:
    """That it is of a section which `reader` sees."""
    if reader is None or reader.section_ids is None:
        return ()
    return (section_id.in_(reader.section_ids),)
