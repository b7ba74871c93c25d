"""What is kept of some months, in one statement: each way to the database and back costs as much as a year's counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, String, bindparam, func, literal_column, or_, select
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


@dataclass(frozen=True, slots=True)
class Closing:
    """That a month was closed, by whom (their id and name) and when."""

    month: str
    by_id: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptRow:
    """Posts of the months together; `closed_…` as the months were closed."""

    account: str
    account_name: str
    channel: ChannelName
    account_number: int
    kind: Kind
    section: str
    origin: Origin
    posts: int
    withdrawn: int
    closed_posts: int
    closed_withdrawn: int


@dataclass(frozen=True, slots=True)
class KeptMonth:
    """Posts of a month on a channel."""

    month: str
    channel: ChannelName
    origin: Origin
    posts: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class KeptContents:
    """Contents of a month, each item once; `closed_number` as the month was closed."""

    month: str
    origin: Origin
    number: int
    closed_number: int


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
    there is any; `imported` is by period, of the months and of their years; corrections stand in their order."""

    first_own_month: str | None
    rows: Sequence[KeptRow]
    months: Sequence[KeptMonth]
    contents: Sequence[KeptContents]
    closings: Mapping[str, Closing]
    corrections: Sequence[Correction]
    imported: Mapping[str, ImportedPeriod]


async def kept(session: AsyncSession, months: Sequence[str], reader: Person | None) -> Kept:
    """What is kept of `months` (`YYYY-MM`), for the sections of `reader`; None reads all. Imported figures, which know
    no sections, are for whoever reads all."""
    section_ids = None if reader is None else reader.section_ids
    given = {
        "months": list(months),
        "periods": sorted({*months, *(month[:4] for month in months)}),
        "all_sections": section_ids is None,
        "section_ids": list(section_ids or ()),
    }
    start, rows, by_month, contents, closings, corrections, imported = (
        await session.execute(_KEPT, given)
    ).one()
    return Kept(
        start,
        [KeptRow(**_read(one, channel=ChannelName, kind=Kind, origin=Origin)) for one in rows],
        [KeptMonth(**_read(one, channel=ChannelName, origin=Origin)) for one in by_month],
        [KeptContents(**_read(one, origin=Origin)) for one in contents],
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


_MONTHS: Final = bindparam("months", expanding=True, type_=String)
_PERIODS: Final = bindparam("periods", expanding=True, type_=String)
_ALL_SECTIONS: Final = bindparam("all_sections", type_=Boolean)


def _seen(section_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(_ALL_SECTIONS, section_id.in_(bindparam("section_ids", expanding=True, type_=String)))


_ROWS: Final = (
    select(
        *(Account.id.label("account"), Account.name.label("account_name"), Account.channel),
        *(Account.number.label("account_number"), Tally.kind, Section.name.label("section"), Tally.origin),
        func.sum(Tally.posts).label("posts"),
        func.sum(Tally.withdrawn).label("withdrawn"),
        func.coalesce(func.sum(Tally.closed_posts), 0).label("closed_posts"),
        func.coalesce(func.sum(Tally.closed_withdrawn), 0).label("closed_withdrawn"),
    )
    .join_from(Tally, Account)
    .join(Section)
    .where(Tally.month.in_(_MONTHS), _seen(Tally.section_id))
    .group_by(*(Account.id, Account.name, Account.channel, Account.number))
    .group_by(*(Tally.kind, Section.id, Section.name, Tally.origin))
)
_BY_MONTH: Final = (
    select(
        *(Tally.month, Account.channel, Tally.origin),
        func.sum(Tally.posts).label("posts"),
        func.sum(Tally.withdrawn).label("withdrawn"),
    )
    .join_from(Tally, Account)
    .where(Tally.month.in_(_MONTHS), _seen(Tally.section_id))
    .group_by(Tally.month, Account.channel, Tally.origin)
    .order_by(Tally.month, Account.channel)
)
_CONTENTS: Final = (
    select(
        *(ActTally.month, ActTally.origin),
        func.sum(ActTally.number).label("number"),
        func.coalesce(func.sum(ActTally.closed_number), 0).label("closed_number"),
    )
    .where(
        ActTally.month.in_(_MONTHS),
        ActTally.measure == literal_column(f"'{Measure.CONTENTS}'"),
        _seen(ActTally.section_id),
    )
    .group_by(ActTally.month, ActTally.origin)
)
_CLOSINGS: Final = select(ClosedMonth.month, ClosedMonth.by_id, ClosedMonth.by_name, ClosedMonth.at).where(
    ClosedMonth.month.in_(_MONTHS)
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
    .where(
        MonthCorrection.month.in_(_MONTHS),
        MonthCorrection.measure.in_(_FIGURES),
        _seen(MonthCorrection.section_id),
    )
    .order_by(MonthCorrection.at, MonthCorrection.id)
)
_IMPORTED: Final = (
    select(
        *(ImportedFigure.period, ImportedFigure.channel, ImportedFigure.kind, ImportedFigure.origin),
        *(ImportedFigure.posts, ImportedFigure.source),
    )
    .where(_ALL_SECTIONS, ImportedFigure.period.in_(_PERIODS))
    .order_by(ImportedFigure.period)
)
_KEPT: Final = select(
    FIRST_OWN_MONTH.scalar_subquery(),
    *(json_list(_ROWS), json_list(_BY_MONTH), json_list(_CONTENTS)),
    *(json_list(_CLOSINGS), json_list(_CORRECTIONS), json_list(_IMPORTED)),
)
