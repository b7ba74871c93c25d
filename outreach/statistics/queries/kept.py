"""What is kept of some months, in one statement: each way to the database and back costs as much as a year's counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, String, bindparam, case, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.channels.model import Account, ChannelName
from outreach.foundation.json_columns import json_list
from outreach.items.model import Kind, Origin
from outreach.people.model import Person, Section
from outreach.statistics.imported import ImportedNumber, ImportedPeriod, by_period
from outreach.statistics.model import ActTally, ClosedMonth, ImportedFigure, Measure, MonthCorrection, Tally

FIRST_OWN_MONTH: Final = select(func.min(Tally.month)).where(Tally.posts > 0)
_FIGURES: Final = (Measure.POSTS, Measure.WITHDRAWN, Measure.CONTENTS)


class Closing(NamedTuple):
    """That a month was closed, by whom (their id and name) and when."""

    month: str
    by_id: str
    by_name: str
    at: datetime


class KeptRow(NamedTuple):
    """Posts of a kind and section on an account in the months together; `closed_…` as the months were closed."""

    account: str
    account_name: str
    account_number: int
    channel: ChannelName
    kind: Kind
    section: str
    original: int
    repost: int
    withdrawn: int
    closed_original: int
    closed_repost: int
    closed_withdrawn: int


class KeptMonth(NamedTuple):
    """Posts of a month on a channel."""

    month: str
    channel: ChannelName
    original: int
    repost: int
    withdrawn: int


class KeptContents(NamedTuple):
    """Contents of a month, each item once; `closed_…` as the month was closed."""

    month: str
    original: int
    repost: int
    closed_original: int
    closed_repost: int


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
class Kept:
    """What is kept of some months. `first_own_month` is that of the first post which was ever counted here, None before
    there is any; `contents` and `closings` are by month, `imported` is by period, the years of the months among them;
    corrections stand in their order."""

    first_own_month: str | None
    rows: Sequence[KeptRow]
    months: Sequence[KeptMonth]
    contents: Mapping[str, KeptContents]
    closings: Mapping[str, Closing]
    corrections: Sequence[Correction]
    imported: Mapping[str, ImportedPeriod]


async def kept(session: AsyncSession, first: str, last: str, reader: Person | None) -> Kept:
    """What is kept of the months from `first` to `last` (`YYYY-MM`), for the sections of `reader`; None reads all.
    Imported figures, which know no sections, are for whoever reads all."""
    given = {"first": first, "last": last, "first_year": first[:4]}
    found = await session.execute(_kept(None if reader is None else reader.section_ids), given)
    start, rows, months, contents, closings, corrections, imported = found.one()
    return Kept(
        start,
        [KeptRow(**_read(one, channel=ChannelName, kind=Kind)) for one in rows],
        [KeptMonth(**_read(one, channel=ChannelName)) for one in months],
        {one["month"]: KeptContents(**one) for one in contents},
        {one["month"]: Closing(**_read(one, at=datetime.fromisoformat)) for one in closings},
        [_correction(one) for one in corrections],
        by_period(ImportedNumber(**_read(one, origin=Origin)) for one in imported),
    )


def _read(told: Mapping[str, Any], **kinds: Callable[[str], Any]) -> dict[str, Any]:
    """A row as the database told it, with what JSON knows as text alone made what it is."""
    return {**told, **{name: kind(told[name]) for name, kind in kinds.items()}}


def _correction(told: Mapping[str, Any]) -> Correction:
    change, measure = told["change"], told["measure"]
    posts = change if measure == Measure.POSTS else 0
    is_original = told["origin"] == Origin.ORIGINAL
    return Correction(
        datetime.fromisoformat(told["at"]),
        ChannelName(told["channel"]) if told["channel"] else None,
        told["account"],
        told["account_name"] or "",
        Kind(told["kind"]),
        told["section"],
        posts if is_original else 0,
        0 if is_original else posts,
        change if measure == Measure.WITHDRAWN else 0,
        change if measure == Measure.CONTENTS else 0,
        told["reason"],
        told["post"],
    )


_FIRST: Final = bindparam("first", type_=String)
_LAST: Final = bindparam("last", type_=String)


@lru_cache(maxsize=64)
def _kept(section_ids: frozenset[str] | None) -> Select[*tuple[Any, ...]]:
    """The statement for a reader of these sections. Made once: to build it costs more than to run it."""

    def seen(
        query: Select[*tuple[Any, ...]], section_id: ColumnElement[str] | InstrumentedAttribute[str]
    ) -> ColumnElement[Any]:
        return json_list(query if section_ids is None else query.where(section_id.in_(section_ids)))

    return select(
        FIRST_OWN_MONTH.scalar_subquery(),
        seen(_ROWS, _SUMS.c.section_id),
        seen(_MONTHS, Tally.section_id),
        seen(_CONTENTS, ActTally.section_id),
        json_list(_CLOSINGS),
        seen(_CORRECTIONS, MonthCorrection.section_id),
        json_list(_IMPORTED if section_ids is None else _IMPORTED.where(false())),
    )


def _of(
    origin: Origin, model: type[Tally | ActTally], number: InstrumentedAttribute[Any]
) -> ColumnElement[int]:
    return func.sum(case((model.origin == origin, func.coalesce(number, 0)), else_=0))


_SUMS: Final = (
    select(
        *(Tally.account_id, Tally.kind, Tally.section_id),
        _of(Origin.ORIGINAL, Tally, Tally.posts).label("original"),
        _of(Origin.REPOST, Tally, Tally.posts).label("repost"),
        func.sum(Tally.withdrawn).label("withdrawn"),
        _of(Origin.ORIGINAL, Tally, Tally.closed_posts).label("closed_original"),
        _of(Origin.REPOST, Tally, Tally.closed_posts).label("closed_repost"),
        func.coalesce(func.sum(Tally.closed_withdrawn), 0).label("closed_withdrawn"),
    )
    .where(Tally.month.between(_FIRST, _LAST))
    .group_by(Tally.account_id, Tally.kind, Tally.section_id)
    .subquery()
)
_ROWS: Final = (
    select(
        *(Account.id.label("account"), Account.name.label("account_name")),
        *(Account.number.label("account_number"), Account.channel),
        *(_SUMS.c.kind, Section.name.label("section"), _SUMS.c.original, _SUMS.c.repost, _SUMS.c.withdrawn),
        *(_SUMS.c.closed_original, _SUMS.c.closed_repost, _SUMS.c.closed_withdrawn),
    )
    .join_from(_SUMS, Account, Account.id == _SUMS.c.account_id)
    .join(Section, Section.id == _SUMS.c.section_id)
)
_MONTHS: Final = (
    select(
        *(Tally.month, Account.channel),
        _of(Origin.ORIGINAL, Tally, Tally.posts).label("original"),
        _of(Origin.REPOST, Tally, Tally.posts).label("repost"),
        func.sum(Tally.withdrawn).label("withdrawn"),
    )
    .join_from(Tally, Account)
    .where(Tally.month.between(_FIRST, _LAST))
    .group_by(Tally.month, Account.channel)
    .order_by(Tally.month, Account.channel)
)
_CONTENTS: Final = (
    select(
        ActTally.month,
        _of(Origin.ORIGINAL, ActTally, ActTally.number).label("original"),
        _of(Origin.REPOST, ActTally, ActTally.number).label("repost"),
        _of(Origin.ORIGINAL, ActTally, ActTally.closed_number).label("closed_original"),
        _of(Origin.REPOST, ActTally, ActTally.closed_number).label("closed_repost"),
    )
    .where(
        ActTally.month.between(_FIRST, _LAST),
        ActTally.measure == Measure.CONTENTS,
    )
    .group_by(ActTally.month)
)
_CLOSINGS: Final = select(ClosedMonth.month, ClosedMonth.by_id, ClosedMonth.by_name, ClosedMonth.at).where(
    ClosedMonth.month.between(_FIRST, _LAST)
)
_CORRECTIONS: Final = (
    select(
        *(MonthCorrection.at, Account.channel, Account.id.label("account")),
        *(Account.name.label("account_name"), MonthCorrection.kind, Section.name.label("section")),
        *(MonthCorrection.origin, MonthCorrection.measure, MonthCorrection.change),
        *(MonthCorrection.reason, MonthCorrection.post_id.label("post")),
    )
    .select_from(MonthCorrection)
    .outerjoin(Account, Account.id == MonthCorrection.account_id)
    .join(Section, Section.id == MonthCorrection.section_id)
    .where(MonthCorrection.month.between(_FIRST, _LAST), MonthCorrection.measure.in_(_FIGURES))
    .order_by(MonthCorrection.at, MonthCorrection.id)
)
_IMPORTED: Final = (
    select(
        *(ImportedFigure.period, ImportedFigure.channel, ImportedFigure.kind, ImportedFigure.origin),
        *(ImportedFigure.posts, ImportedFigure.source),
    )
    .where(ImportedFigure.period.between(bindparam("first_year", type_=String), _LAST))
    .order_by(ImportedFigure.period)
)
