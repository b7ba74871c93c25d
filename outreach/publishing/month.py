"""The read side of the calendar: what is planned and what went out between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

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
    planned to go out at once."""

    post_id: str
    title: str
    kind: Kind
    is_emergency: bool
    account: str
    channel: ChannelName
    state: PostState
    at: datetime | None
    moment: datetime


@dataclass(frozen=True, slots=True)
class MonthEdition:
    """An edition on the calendar, with the first of its articles that the reader may see and the number of those; its
    times as those of a `MonthEntry`. `is_whole`: the reader may see all of them, and with them the edition."""

    edition_id: str
    is_whole: bool
    post_id: str
    title: str
    articles: int
    account: str
    channel: ChannelName
    state: EditionState
    moment: datetime


async def entries_between(
    session: AsyncSession, reader: Person, first: datetime, end: datetime, narrow: MonthFilter
) -> list[MonthEntry]:
    """The posts that went out from `first` and before `end`, and those on their way whose time lies there, in the order
    of their times. Each of the two has its index. Articles of an edition are not among them."""
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
    """The same of the editions with an article for the eyes of `reader`: those that went out and those that are planned
    or on their way, not those that are still composed."""
    moment = func.coalesce(Edition.published_at, Edition.at, Edition.planned_at)
    article = _article_of(reader, narrow)
    head = select(_Article.id).where(article).order_by(_Article.article_idx, _Article.id).limit(1)
    articles = select(func.count()).select_from(_Article).where(article)
    query = (
        select(
            *(
                Edition.id,
                is_visible(reader),
                Post.id,
                Item.title,
                articles.correlate(Edition).scalar_subquery(),
            ),
            *(Account.name, Account.channel, Edition.state, moment),
        )
        .join_from(Edition, Account)
        .join(Post, Post.id == head.correlate(Edition).scalar_subquery())
        .join(Item, Item.id == Post.item_id)
        .where(
            or_(Edition.published_at.is_not(None), Edition.state.in_(OPEN - {EditionState.COMPOSING})),
            moment >= first,
            moment < end,
        )
        .order_by(moment, Edition.id)
    )
    if narrow.account is not None:
        query = query.where(Edition.account_id == narrow.account)
    return [MonthEdition(*row) for row in await session.execute(query)]


def _article_of(reader: Person, narrow: MonthFilter) -> ColumnElement[bool]:
    article = _Article.edition_id == Edition.id
    if reader.section_ids is not None:
        article &= _Article.section_id.in_(reader.section_ids)
    if narrow.section is not None:
        article &= _Article.section_id.in_(select(Section.id).where(Section.name == narrow.section))
    return article


def _narrowed(
    query: Select[*tuple[Any, ...]], reader: Person, narrow: MonthFilter
) -> Select[*tuple[Any, ...]]:
    query = query.where(ALONE)
    if reader.section_ids is not None:
        query = query.where(Post.section_id.in_(reader.section_ids))
    if narrow.account is not None:
        query = query.where(Post.account_id == narrow.account)
    if narrow.section is not None:
        query = query.where(Section.name == narrow.section)
    return query


_Article: Final = aliased(Post)
_POSTS: Final[Select[*tuple[Any, ...]]] = (
    select(
        *(Post.id, Item.title, Item.kind, Item.is_emergency),
        *(Account.name, Account.channel, Post.state, Post.at),
    )
    .join_from(Post, Item)
    .join(Account, Account.id == Post.account_id)
    .join(Section, Section.id == Post.section_id)
)
