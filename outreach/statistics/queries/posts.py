"""The posts behind a figure, one by one, and the figure itself as it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Item, ItemState, Kind, Origin
from outreach.people.model import Person, Section
from outreach.publishing.model import Post, PostState
from outreach.statistics.cells import COLUMN_OF
from outreach.statistics.model import ActTally, ClosedMonth, Measure, MonthCorrection
from outreach.statistics.queries.month import of_reader
from outreach.statistics.queries.timeliness import is_late
from outreach.statistics.rules import months_in_period, period_bounds

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class PostFilter:
    """Which figure: that of `period` (`YYYY-MM` or `YYYY`), narrowed where something is given; `account` is an id,
    `section` a name. `withdrawn`: those that were withdrawn; `contents`: each item once; `late`: those that came after
    their deadline. `as_closed`: as the month was closed, without what came later."""

    period: str
    account: str | None = None
    channel: ChannelName | None = None
    kind: Kind | None = None
    section: str | None = None
    origin: Origin | None = None
    withdrawn: bool = False
    contents: bool = False
    late: bool = False
    as_closed: bool = False

    @property
    def measure(self) -> Measure:
        """What is counted."""
        if self.withdrawn:
            return Measure.WITHDRAWN
        return Measure.CONTENTS if self.contents else Measure.POSTS


@dataclass(frozen=True, slots=True)
class CountedPost:
    """A post that counts. Without a `title` its item is sealed."""

    id: str
    title: str | None
    channel: ChannelName
    account: str
    kind: Kind
    section: str
    origin: Origin
    state: PostState
    published_at: datetime
    url: str | None


@dataclass(frozen=True, slots=True)
class PostPage:
    """Some of the posts behind a figure, the newest first; `first` is the number of the first of them, from 1. `cursor`
    leads to the next ones."""

    posts: list[CountedPost]
    first: int
    cursor: str | None


async def settled(session: AsyncSession, narrow: PostFilter) -> PostFilter:
    """The filter as it can be asked for: as it was closed is only a month that is closed."""
    if narrow.as_closed and await session.get(ClosedMonth, narrow.period) is None:
        return replace(narrow, as_closed=False)
    return narrow


async def counted_posts(
    session: AsyncSession,
    narrow: PostFilter,
    reader: Person | None,
    zone: ZoneInfo,
    *,
    limit: int,
    cursor: str | None = None,
) -> PostPage:
    """The posts behind a figure, for the sections of `reader`. A cursor that is none begins anew."""
    query = _narrowed(_POSTS, narrow, reader, zone)
    query = query.order_by(Post.published_at.desc(), Post.id.desc()).limit(limit + 1)
    before, after = 0, _read_cursor(cursor)
    if after is not None:
        before, moment, post_id = after
        query = query.where(
            Post.published_at <= moment,
            tuple_(Post.published_at, Post.id) < tuple_(moment, post_id),
        )
    found = [_counted(*row) for row in await session.execute(query)]
    shown = found[:limit]
    more = len(found) > limit
    return PostPage(shown, before + 1, _cursor(before + limit, shown[-1]) if more else None)


async def figure(session: AsyncSession, narrow: PostFilter, reader: Person | None, zone: ZoneInfo) -> int:
    """How many there are: as it is kept, or counted now where no such count is kept."""
    is_divided = narrow.account is not None or narrow.channel is not None
    if narrow.late or (narrow.contents and (is_divided or narrow.withdrawn)):
        query = select(func.count()).select_from(Post).join(Item, Item.id == Post.item_id)
        return await session.scalar(_narrowed(_joined(query), narrow, reader, zone)) or 0
    model, name = COLUMN_OF[narrow.measure]
    number = getattr(model, f"closed_{name}" if narrow.as_closed else name)
    months = months_in_period(narrow.period)
    kept = select(func.sum(number)).where(
        model.month.between(months[0], months[-1]),
        *_chosen(narrow, model.kind, model.origin, model.section_id),
        *of_reader(model.section_id, reader),
    )
    if model is ActTally:
        kept = kept.where(ActTally.measure == narrow.measure)
    if narrow.account is not None:
        kept = kept.where(model.account_id == narrow.account)
    if narrow.channel is not None:
        kept = kept.where(model.account_id.in_(_accounts_of(narrow.channel)))
    return int(await session.scalar(kept) or 0)


def _narrowed(
    query: Select[*tuple[Any, ...]], narrow: PostFilter, reader: Person | None, zone: ZoneInfo
) -> Select[*tuple[Any, ...]]:
    first, end = period_bounds(narrow.period, zone)
    query = query.where(
        Post.published_at >= first,
        Post.published_at < end,
        *_chosen(narrow, Post.kind, Post.origin, Post.section_id),
        *of_reader(Post.section_id, reader),
    )
    if narrow.account is not None:
        query = query.where(Post.account_id == narrow.account)
    if narrow.channel is not None:
        query = query.where(Post.account_id.in_(_accounts_of(narrow.channel)))
    if narrow.withdrawn:
        query = query.where(Post.state == PostState.WITHDRAWN)
    if narrow.contents:
        query = query.where(Item.first_post_id == Post.id)
    if narrow.late:
        query = query.where(is_late(first, zone))
    if narrow.as_closed:
        query = query.where(~_came_later(narrow))
    return query


def _chosen(
    narrow: PostFilter,
    kind: InstrumentedAttribute[Kind],
    origin: InstrumentedAttribute[Origin],
    section_id: InstrumentedAttribute[str],
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if narrow.kind is not None:
        chosen.append(kind == narrow.kind)
    if narrow.origin is not None:
        chosen.append(origin == narrow.origin)
    if narrow.section is not None:
        chosen.append(section_id.in_(select(Section.id).where(Section.name == narrow.section)))
    return chosen


def _accounts_of(channel: ChannelName) -> Select[str]:
    return select(Account.id).where(Account.channel == channel)


def _came_later(narrow: PostFilter) -> ColumnElement[bool]:
    return exists().where(
        MonthCorrection.month == narrow.period,
        MonthCorrection.measure == narrow.measure,
        MonthCorrection.post_id == Post.id,
    )


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.join(Account, Account.id == Post.account_id).join(Section, Section.id == Post.section_id)


def _counted(
    post_id: str,
    title: str,
    item_state: ItemState,
    *others: Any,
) -> CountedPost:
    return CountedPost(post_id, None if item_state is ItemState.SEALED else title, *others)


def _cursor(number: int, last: CountedPost) -> str:
    return f"{number}.{(last.published_at - _EPOCH) // _MICROSECOND}.{last.id}"


def _read_cursor(cursor: str | None) -> tuple[int, datetime, str] | None:
    try:
        number, moment, post_id = (cursor or "").split(".")
        return int(number), _EPOCH + int(moment) * _MICROSECOND, post_id
    except (ValueError, OverflowError):
        return None


_POSTS: Final[Select[*tuple[Any, ...]]] = _joined(
    select(
        *(Post.id, Item.title, Item.state),
        *(Account.channel, Account.name, Post.kind, Section.name),
        *(Post.origin, Post.state, Post.published_at, Post.url),
    ).join_from(Post, Item, Item.id == Post.item_id)
)
