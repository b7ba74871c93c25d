"""A month's figures as they are kept; a closed one as it was closed, with what changed later beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, func, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Kind, Origin
from outreach.people.model import Person, Section
from outreach.statistics.model import ActTally, ClosedMonth, Measure, MonthCorrection, Tally

NUMBERS: Final = ("original", "repost", "withdrawn")
_FIGURES: Final = (Measure.POSTS, Measure.WITHDRAWN, Measure.CONTENTS)


class _Account(NamedTuple):
    id: str
    name: str
    channel: ChannelName
    number: int


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
class Correction:
    """What changed of a month after it was closed: by how many posts, withdrawn posts and contents. `reason` is
    Chinese; `post` the post that came late."""

    at: datetime
    channel: ChannelName | None
    account: str | None
    account_name: str
    kind: Kind
    section: str
    original: int
    repost: int
    withdrawn: int
    contents: int
    reason: str
    post: str | None


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month's figures, as posts (rows, totals) and as contents (each item once). Of a closed month they are those of
    its closing; `corrections` is what changed since."""

    month: str
    rows: list[MonthRow]
    content_original: int
    content_repost: int
    closed: ClosedMonth | None = None
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
    closed = await session.get(ClosedMonth, month)
    rows = await rows_between(session, month, month, reader, as_closed=closed is not None)
    contents = await contents_by_month(session, month, month, reader, as_closed=closed is not None)
    original, repost = contents.get(month, (0, 0))
    corrections = await corrections_between(session, month, month, reader) if closed else []
    return MonthFigures(month, rows, original, repost, closed, corrections)


async def rows_between(
    session: AsyncSession, first: str, last: str, reader: Person | None, *, as_closed: bool = False
) -> list[MonthRow]:
    """The posts of the months from `first` to `last` together, by account, kind and section; as they were closed, or as
    they stand now."""
    posts = func.coalesce(Tally.closed_posts, 0) if as_closed else Tally.posts
    withdrawn = func.coalesce(Tally.closed_withdrawn, 0) if as_closed else Tally.withdrawn
    query = (
        select(
            Tally.account_id, Tally.kind, Tally.section_id, Tally.origin, func.sum(posts), func.sum(withdrawn)
        )
        .where(Tally.month.between(first, last), *of_reader(Tally.section_id, reader))
        .group_by(Tally.account_id, Tally.kind, Tally.section_id, Tally.origin)
    )
    accounts, sections = await _names(session)
    rows: dict[tuple[str, Kind, str], dict[str, int]] = {}
    for account, kind, section, origin, number, gone in await session.execute(query):
        if number or gone:
            row = rows.setdefault((account, kind, section), dict.fromkeys(NUMBERS, 0))
            row[origin.value] += int(number)
            row["withdrawn"] += int(gone)
    ordered = sorted(rows, key=lambda key: (accounts[key[0]].number, key[1], sections[key[2]]))
    return [
        MonthRow(
            accounts[account].channel,
            account,
            accounts[account].name,
            kind,
            sections[section],
            **rows[account, kind, section],
        )
        for account, kind, section in ordered
    ]


async def contents_by_month(
    session: AsyncSession, first: str, last: str, reader: Person | None, *, as_closed: bool = False
) -> dict[str, tuple[int, int]]:
    """Of each month from `first` to `last` that has any: how many original contents and how many reposts."""
    contents = func.coalesce(ActTally.closed_number, 0) if as_closed else ActTally.number
    query = (
        select(ActTally.month, ActTally.origin, func.sum(contents))
        .where(
            ActTally.month.between(first, last),
            ActTally.measure == Measure.CONTENTS,
            *of_reader(ActTally.section_id, reader),
        )
        .group_by(ActTally.month, ActTally.origin)
    )
    found: dict[str, tuple[int, int]] = {}
    for month, origin, number in await session.execute(query):
        original, repost = found.get(month, (0, 0))
        is_original = origin == Origin.ORIGINAL
        found[month] = (original + int(number), repost) if is_original else (original, repost + int(number))
    return found


async def corrections_between(
    session: AsyncSession, first: str, last: str, reader: Person | None
) -> list[Correction]:
    """What changed of the months from `first` to `last` after they were closed, in the order in which it did."""
    query = (
        select(MonthCorrection)
        .where(
            MonthCorrection.month.between(first, last),
            MonthCorrection.measure.in_(_FIGURES),
            *of_reader(MonthCorrection.section_id, reader),
        )
        .order_by(MonthCorrection.at, MonthCorrection.id)
    )
    accounts, sections = await _names(session)
    return [_correction(one, accounts, sections) for one in await session.scalars(query)]


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


def _correction(one: MonthCorrection, accounts: dict[str, _Account], sections: dict[str, str]) -> Correction:
    account = accounts.get(one.account_id)
    is_original = one.origin == Origin.ORIGINAL
    posts = one.change if one.measure is Measure.POSTS else 0
    return Correction(
        one.at,
        account.channel if account else None,
        account.id if account else None,
        account.name if account else "",
        Kind(one.kind),
        sections[one.section_id],
        posts if is_original else 0,
        0 if is_original else posts,
        one.change if one.measure is Measure.WITHDRAWN else 0,
        one.change if one.measure is Measure.CONTENTS else 0,
        one.reason,
        one.post_id,
    )


async def _names(session: AsyncSession) -> tuple[dict[str, _Account], dict[str, str]]:
    """The accounts and the sections' names by their ids, in one read."""
    query: CompoundSelect[*tuple[Any, ...]] = union_all(
        select(Account.id, Account.name, Account.channel, Account.number),
        select(Section.id, Section.name, null(), null()),
    )
    accounts: dict[str, _Account] = {}
    sections: dict[str, str] = {}
    for id_, name, channel, number in await session.execute(query):
        if channel is None:
            sections[id_] = name
        else:
            accounts[id_] = _Account(id_, name, channel, number)
    return accounts, sections
