"""Counting, in the same transaction as what is counted."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.publishing.model import Post
from outreach.statistics.model import ContentTally, Tally
from outreach.statistics.rules import month_of


async def count_published(session: AsyncSession, post: Post, zone: ZoneInfo) -> None:
    """The post that was just confirmed is counted; its item too, where this is the first of its posts."""
    month = counted_month(post, zone)
    await _add(session, Tally, _tally_key(post, month), posts=1)
    if post.is_correction:
        return
    first = (
        update(Item)
        .where(Item.id == post.item_id, Item.first_post_id.is_(None))
        .values(first_post_id=post.id)
        .returning(Item.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(first)).scalar_one_or_none() is not None:
        key = {"month": month, "kind": post.kind, "section_id": post.section_id, "origin": post.origin}
        await _add(session, ContentTally, key, contents=1)


async def count_withdrawn(session: AsyncSession, post: Post, zone: ZoneInfo) -> None:
    """The post stays counted in its month and is shown as withdrawn beside it."""
    await _add(session, Tally, _tally_key(post, counted_month(post, zone)), withdrawn=1)


def counted_month(post: Post, zone: ZoneInfo) -> str:
    """The month `YYYY-MM` that a post counts in."""
    if post.published_at is None:
        raise ValueError("only a post that is out can be counted")
    return month_of(post.published_at, zone)


def _tally_key(post: Post, month: str) -> dict[str, Any]:
    return {
        "month": month,
        "account_id": post.account_id,
        "kind": post.kind,
        "section_id": post.section_id,
        "origin": post.origin,
    }


async def _add(session: AsyncSession, model: type[Any], key: dict[str, Any], **amounts: int) -> None:
    """Adds to the row of `key`, which begins at zero; safe against others that add at the same time."""
    table: Table = model.__table__
    zero = {name: 0 for name in ("posts", "withdrawn", "contents") if name in table.c}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(table).values(**key, **{**zero, **amounts})
    raised = {name: table.c[name] + amount for name, amount in amounts.items()}
    await session.execute(row.on_conflict_do_update(index_elements=list(key), set_=raised))
