"""A month's figures as they are kept; a closed one as it was closed, with what changed later beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Kind, Origin
from outreach.people.model import Person
from outreach.statistics.model import Tally
from outreach.statistics.queries.kept import Closing, Correction, Kept, KeptRow, kept

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
    found = await kept(session, [month], reader)
    closing = found.closings.get(month)
    original, repost = contents_by_month(found, as_closed=closing is not None).get(month, (0, 0))
    rows = rows_of(found, as_closed=closing is not None)
    return MonthFigures(month, rows, original, repost, closing, list(found.corrections))


def rows_of(found: Kept, *, as_closed: bool = False) -> list[MonthRow]:
    """The posts of the months together, by account, kind and section; as they were closed, or as they stand now."""
    numbers: dict[tuple[int, Kind, str], dict[str, int]] = {}
    accounts: dict[int, KeptRow] = {}
    for one in found.rows:
        posts, withdrawn = (
            (one.closed_posts, one.closed_withdrawn) if as_closed else (one.posts, one.withdrawn)
        )
        if posts or withdrawn:
            accounts[one.account_number] = one
            row = numbers.setdefault((one.account_number, one.kind, one.section), dict.fromkeys(NUMBERS, 0))
            row[one.origin.value] += posts
            row["withdrawn"] += withdrawn
    return [
        MonthRow(
            accounts[account].channel,
            accounts[account].account,
            accounts[account].account_name,
            kind,
            section,
            **numbers[account, kind, section],
        )
        for account, kind, section in sorted(numbers)
    ]


def contents_by_month(found: Kept, *, as_closed: bool = False) -> dict[str, tuple[int, int]]:
    """Of each month that has any: how many original contents and how many reposts."""
    contents: dict[str, tuple[int, int]] = {}
    for one in found.contents:
        number = one.closed_number if as_closed else one.number
        original, repost = contents.get(one.month, (0, 0))
        is_original = one.origin is Origin.ORIGINAL
        contents[one.month] = (original + number, repost) if is_original else (original, repost + number)
    return contents


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
