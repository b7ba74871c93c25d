"""The platform says that a post is out, or that it is gone again: what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Published
from outreach.foundation import audit
from outreach.foundation.audit import SERVICE, Actor, Entry
from outreach.items import service as items
from outreach.items.model import Item, ItemState
from outreach.items.queries import hold_items
from outreach.items.rules import ItemAction
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
from outreach.publishing.service import Confirmation, Confirmed
from outreach.statistics import service as statistics


async def confirm_post(
    session: AsyncSession,
    post: Post,
    action: PostAction,
    proof: Published,
    zone: ZoneInfo,
    *,
    by: Actor = SERVICE,
) -> Post:
    """The post is published and counted, its item published with the first of them: all in one transaction.

    Raises StaleState where somebody else confirmed it first: it is counted once.
    """
    confirmed = await publishing.confirm(session, Confirmation(post, action, proof))
    await _follow_up(session, [confirmed], zone, by)
    await session.refresh(post)
    return post


async def confirm_held(
    session: AsyncSession, confirmations: Sequence[Confirmation], zone: ZoneInfo, *, by: Actor = SERVICE
) -> None:
    """The same for several posts that this transaction holds."""
    confirmed = await publishing.confirm_held(session, confirmations)
    await _follow_up(session, confirmed, zone, by)


async def remove_post(session: AsyncSession, post: Post, reason: str, zone: ZoneInfo) -> Post:
    """The platform took a published post down: it stays counted, and is shown as withdrawn beside it."""
    await publishing.move(session, post, PostAction.REMOVED, problem_message=reason)
    item = await _locked(session, post)
    await statistics.count_withdrawn(session, post, zone)
    if item.state is ItemState.PUBLISHED and not await publishing.live_posts(session, item.id):
        await items.move(session, item, ItemAction.LAST_WITHDRAWN, public_end_reason=reason)
    await audit.record(session, SERVICE, "post.remove", "post", post.id, item=post.item_id, reason=reason)
    return post


async def _follow_up(session: AsyncSession, posts: Sequence[Confirmed], zone: ZoneInfo, by: Actor) -> None:
    """What follows from a confirmation. Rows are locked in one order, here and in `remove_post`: posts, items,
    tallies, the end of the audit chain; so that transactions with several posts can't block each other."""
    item_ids = {post.item_id for post in posts}
    await hold_items(session, item_ids)
    await statistics.count_published(session, posts, zone)
    await items.publish_items(session, item_ids)
    await audit.record_all(session, by, [_entry(post) for post in posts])


def _entry(post: Confirmed) -> Entry:
    told = {"item": post.item_id, "url": post.url, "at": post.published_at}
    return Entry("post.publish", "post", post.id, told)


async def _locked(session: AsyncSession, post: Post) -> Item:
    """The item as it stands, held until the transaction ends: its other post may be confirmed right now."""
    return await session.get_one(Item, post.item_id, with_for_update={"of": Item}, populate_existing=True)
