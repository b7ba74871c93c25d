"""The read side of the calendar: what is planned and what went out between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Item, Kind
from outreach.people.model import Person, Section
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.queries import is_visible
from outreach.publishing.editions.rules import OPEN
from outreach.publishing.model import ALONE, Post, PostState
from outreach.publishing.rules import OPEN_STATES


@dataclass(frozen=True, slots=True)
class MonthFilter:
    """What the calendar is narrowed to; None is everything. `account` is an id, `section` a name."""

    account: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class MonthEntry:
    """A post on the calendar. `moment` is when it went out, else when it is or was to go out; `at` is None where it was
    planned to go out at once. `edition_id` is that of the edition with which it goes out, which the reader may not see."""

    post_id: str
    title: str
    kind: Kind
    is_emergency: bool
    account: str
    channel: ChannelName
    state: PostState
    at: datetime | None
    edition_id: str | None
    moment: datetime


@dataclass(frozen=True, slots=True)
class MonthEdition:
    """An edition on the calendar, by the title of its head article and the number of all of them; its times as those of
    a `MonthEntry`."""

    edition_id: str
    title: str
    articles: int
    account: str
    channel: ChannelName
    state: EditionState
    at: datetime | None
    moment: datetime


async def entries_between(
    session: AsyncSession, reader: Person, first: datetime, end: datetime, narrow: MonthFilter
) -> list[MonthEntry]:
    """The posts that went out from `first` and before `end`, and those on their way whose time lies there, in the order
    of their times. Each of the two has its index. Articles of an edition stand there with it; by themselves only where
    `reader` may not see the whole edition."""
    published = _POSTS.add_columns(Post.published_at).where(
        Post.published_at >= first, Post.published_at < end
    )
    planned_for = func.coalesce(Post.at, Post.planned_at)
    on_their_way = _POSTS.add_columns(planned_for).where(
        Post.state.in_(OPEN_STATES),
        Post.published_at.is_(None),
        planned_for >= first,
        planned_for < end,
    )
    found = [
        MonthEntry(*row)
        for query in (published, on_their_way)
        for row in await session.execute(_narrowed(query, reader, narrow))
    ]
    return sorted(found, key=lambda entry: (entry.moment, entry.post_id))


async def editions_between(
    session: AsyncSession, reader: Person, first: datetime, end: datetime, narrow: MonthFilter
) -> list[MonthEdition]:
    """The same of the editions that `reader` may see: those that went out and those that are planned or on their way,
    not those that are still composed."""
    planned_for = func.coalesce(Edition.at, Edition.planned_at)
    moment = func.coalesce(Edition.published_at, planned_for)
    query = (
        select(
            *(Edition.id, _HEAD_TITLE, _ARTICLES, Account.name, Account.channel),
            *(Edition.state, Edition.at, moment),
        )
        .join_from(Edition, Account)
        .where(
            is_visible(reader),
            or_(Edition.published_at.is_not(None), Edition.state.in_(OPEN - {EditionState.COMPOSING})),
            moment >= first,
            moment < end,
            exists().where(Post.edition_id == Edition.id, *_of_section(narrow)),
        )
        .order_by(moment, Edition.id)
    )
    if narrow.account is not None:
        query = query.where(Edition.account_id == narrow.account)
    return [MonthEdition(*row) for row in await session.execute(query)]


def _of_section(narrow: MonthFilter) -> list[ColumnElement[bool]]:
    if narrow.section is None:
        return []
    return [Post.section_id.in_(select(Section.id).where(Section.name == narrow.section))]


def _narrowed(
    query: Select[*tuple[Any, ...]], reader: Person, narrow: MonthFilter
) -> Select[*tuple[Any, ...]]:
    hidden = select(Edition.id).where(~is_visible(reader))
    query = query.where(or_(ALONE, Post.edition_id.in_(hidden)) if reader.section_ids is not None else ALONE)
    if reader.section_ids is not None:
        query = query.where(Post.section_id.in_(reader.section_ids))
    if narrow.account is not None:
        query = query.where(Post.account_id == narrow.account)
    if narrow.section is not None:
        query = query.where(Section.name == narrow.section)
    return query


_HEAD_TITLE: Final = (
    select(Item.title)
    .join_from(Post, Item)
    .where(Post.edition_id == Edition.id)
    .order_by(Post.article_idx, Post.id)
    .limit(1)
    .correlate(Edition)
    .scalar_subquery()
)
_ARTICLES: Final = (
    select(func.count())
    .select_from(Post)
    .where(Post.edition_id == Edition.id)
    .correlate(Edition)
    .scalar_subquery()
)
_POSTS: Final[Select[*tuple[Any, ...]]] = (
    select(
        *(Post.id, Item.title, Item.kind, Item.is_emergency),
        *(Account.name, Account.channel, Post.state, Post.at, Post.edition_id),
    )
    .join_from(Post, Item)
    .join(Account, Account.id == Post.account_id)
    .join(Section, Section.id == Post.section_id)
)
