"""Counting, in the same transaction as what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.database import insert_into
from outreach.items.model import Item, Kind, Origin
from outreach.publishing.model import Post
from outreach.publishing.service import Confirmed
from outreach.statistics.model import ContentTally, Tally
from outreach.statistics.rules import month_of


class _TallyKey(NamedTuple):
    month: str
    account_id: str
    kind: Kind
    section_id: str
    origin: Origin


class _ContentKey(NamedTuple):
    month: str
    kind: Kind
    section_id: str
    origin: Origin


async def count_published(session: AsyncSession, posts: Sequence[Confirmed], zone: ZoneInfo) -> None:
    """The posts that were just confirmed are counted; the items too of which one is the first post."""
    tallied = Counter(_tally_key(post, zone) for post in posts)
    for key, number in sorted(tallied.items()):
        await _add(session, Tally, key, posts=number)
    first = await _first_posts(session, [post for post in posts if not post.is_correction])
    contents = Counter(_content_key(post, zone) for post in first)
    for content_key, number in sorted(contents.items()):
        await _add(session, ContentTally, content_key, contents=number)


async def count_withdrawn(session: AsyncSession, post: Post, zone: ZoneInfo) -> None:
    """The post stays counted in its month and is shown as withdrawn beside it."""
    await _add(session, Tally, _tally_key(post, zone), withdrawn=1)


def counted_month(post: Post | Confirmed, zone: ZoneInfo) -> str:
    """The month `YYYY-MM` that a post counts in."""
    if post.published_at is None:
        raise ValueError("only a post that is out can be counted")
    return month_of(post.published_at, zone)


async def _first_posts(session: AsyncSession, posts: Sequence[Confirmed]) -> list[Confirmed]:
    """Those of `posts` that are the first to come out of their item; from now on the item knows it."""
    if not posts:
        return []
    its_first = (
        select(Post.id)
        .where(Post.item_id == Item.id, Post.id.in_([post.id for post in posts]))
        .order_by(Post.published_at, Post.id)
        .limit(1)
        .correlate(Item)
        .scalar_subquery()
    )
    query = (
        update(Item)
        .where(Item.id.in_({post.item_id for post in posts}), Item.first_post_id.is_(None))
        .values(first_post_id=its_first)
        .returning(Item.first_post_id)
        .execution_options(synchronize_session=False)
    )
    first = set(await session.scalars(query))
    return [post for post in posts if post.id in first]


def _tally_key(post: Post | Confirmed, zone: ZoneInfo) -> _TallyKey:
    return _TallyKey(counted_month(post, zone), post.account_id, post.kind, post.section_id, post.origin)


def _content_key(post: Confirmed, zone: ZoneInfo) -> _ContentKey:
    return _ContentKey(counted_month(post, zone), post.kind, post.section_id, post.origin)


async def _add(session: AsyncSession, model: type[Any], key: _TallyKey | _ContentKey, **amounts: int) -> None:
    """Adds to the row of `key`, which begins at zero; safe against others that add at the same time."""
    table: Table = model.__table__
    zero = {name: 0 for name in ("posts", "withdrawn", "contents") if name in table.c}
    row = insert_into(session, table).values(**key._asdict(), **{**zero, **amounts})
    raised = {name: table.c[name] + amount for name, amount in amounts.items()}
    await session.execute(row.on_conflict_do_update(index_elements=list(key._fields), set_=raised))
