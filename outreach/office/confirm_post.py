"""The platform says that a post is out, or that it is gone again: what follows from it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Published
from outreach.foundation import audit
from outreach.foundation.audit import SERVICE, Actor
from outreach.items import service as items
from outreach.items.model import Item, ItemState
from outreach.items.rules import ItemAction
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
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
    post = await publishing.confirm(session, post, action, proof)
    await statistics.count_published(session, post, zone)
    item = await _locked(session, post)
    if item.state is ItemState.APPROVED:
        await items.move(session, item, ItemAction.FIRST_PUBLISHED, waiting_since=None)
    await audit.record(
        session, by, "post.publish", "post", post.id, item=post.item_id, url=post.url, at=post.published_at
    )
    return post


async def remove_post(session: AsyncSession, post: Post, reason: str, zone: ZoneInfo) -> Post:
    """The platform took a published post down: it stays counted, and is shown as withdrawn beside it."""
    await publishing.move(session, post, PostAction.REMOVED, problem_message=reason)
    await statistics.count_withdrawn(session, post, zone)
    item = await _locked(session, post)
    if item.state is ItemState.PUBLISHED and not await publishing.live_posts(session, item.id):
        await items.move(session, item, ItemAction.LAST_WITHDRAWN, public_end_reason=reason)
    await audit.record(session, SERVICE, "post.remove", "post", post.id, item=post.item_id, reason=reason)
    return post


async def _locked(session: AsyncSession, post: Post) -> Item:
    """The item as it stands, held until the transaction ends: its other post may be confirmed right now."""
    return await session.get_one(Item, post.item_id, with_for_update={"of": Item}, populate_existing=True)
