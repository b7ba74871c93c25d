"""The read side of the calendar: what is planned and what went out between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Item, Kind
from outreach.people.model import Person, Section
from outreach.publishing.model import Post, PostState
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


async def entries_between(
    session: AsyncSession, reader: Person, first: datetime, end: datetime, narrow: MonthFilter
) -> list[MonthEntry]:
    """The posts that went out from `first` and before `end`, and those on their way whose time lies there, in the order
    of their times. Each of the two has its index."""
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


def _narrowed(
    query: Select[*tuple[Any, ...]], reader: Person, narrow: MonthFilter
) -> Select[*tuple[Any, ...]]:
    if reader.section_ids is not None:
        query = query.where(Post.section_id.in_(reader.section_ids))
    if narrow.account is not None:
        query = query.where(Post.account_id == narrow.account)
    if narrow.section is not None:
        query = query.where(Section.name == narrow.section)
    return query


_POSTS: Final[Select[*tuple[Any, ...]]] = (
    select(
        *(Post.id, Item.title, Item.kind, Item.is_emergency),
        *(Account.name, Account.channel, Post.state, Post.at),
    )
    .join_from(Post, Item)
    .join(Account, Account.id == Post.account_id)
    .join(Section, Section.id == Post.section_id)
)
