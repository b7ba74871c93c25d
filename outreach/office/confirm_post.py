"""The platform says that a post is out, or it is known to be gone again: what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Published
from outreach.followers.notices.service.planning import plan_for_items
from outreach.followers.notices.service.states import cancel_of_items
from outreach.foundation import audit
from outreach.foundation.audit import SERVICE, Actor, Entry
from outreach.items import service as items
from outreach.items.model import Item, ItemState
from outreach.items.queries import HeldItem, hold_items
from outreach.items.rules import ItemAction
from outreach.office.order_withdrawal import order_withdrawal
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
from outreach.publishing.service import Confirmation, Confirmed, Order
from outreach.statistics import service as statistics

_ACTS: Final[Mapping[PostAction, str]] = {
    PostAction.REMOVED: "post.remove",
    PostAction.GONE: "post.withdrawn",
    PostAction.RESOLVE_WITHDRAWN: "post.withdrawn",
}
_NO_REASON: Final = "该信息已停止公开。"


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


async def remove_post(
    session: AsyncSession,
    post: Post,
    reason: str | None,
    zone: ZoneInfo,
    *,
    action: PostAction = PostAction.REMOVED,
    by: Actor = SERVICE,
) -> Post:
    """A published post is gone: the platform took it down, we did, or a person says so (`action`). It stays counted,
    and is shown as withdrawn beside it; with the last live one its item is withdrawn."""
    reason = reason or _NO_REASON
    await publishing.end_post(session, post, action, reason)
    item = await _locked(session, post)
    await statistics.count_withdrawn(session, post, zone)
    if item.state is ItemState.PUBLISHED and not await publishing.live_posts(session, item.id):
        told = item.public_end_reason or reason
        await items.move(session, item, ItemAction.LAST_WITHDRAWN, public_end_reason=told)
        await cancel_of_items(session, [item.id], told)
    await audit.record(session, by, _ACTS[action], "post", post.id, item=post.item_id, reason=reason)
    return post


async def _follow_up(session: AsyncSession, posts: Sequence[Confirmed], zone: ZoneInfo, by: Actor) -> None:
    """What follows from a confirmation. Rows are locked in one order, here and in `remove_post`: posts, items,
    tallies, the end of the audit chain; so that transactions with several posts can't block each other. The last two
    everybody wants, so that nothing is done while they are held that could be done before.
    Followers hear of an item once, and of no correction."""
    held = await hold_items(session, {post.item_id for post in posts})
    withdrawn = {one.id: one.public_end_reason for one in held if one.public_end_reason is not None}
    first_posts = _first_posts(posts, held)
    await items.publish_items(session, held, first_posts)
    told = {post.item_id for post in posts if not post.is_correction} - withdrawn.keys()
    planned = await plan_for_items(session, told)
    await statistics.count_published(session, posts, set(first_posts.values()), zone)
    await audit.record_all(session, by, [*(_entry(post) for post in posts), *planned])
    for post in posts:
        if post.item_id in withdrawn:  # ordered while the platform still had it under way
            present = await session.get_one(Post, post.id, populate_existing=True)
            await order_withdrawal(session, present, Order(SERVICE, withdrawn[post.item_id]))


def _first_posts(posts: Sequence[Confirmed], held: Sequence[HeldItem]) -> dict[str, str]:
    """The first post of each item of which none was out before, by the item's id; of a correction none is."""
    new = {one.id for one in held if one.first_post_id is None}
    first: dict[str, str] = {}
    for post in sorted(posts, key=lambda one: (one.published_at, one.id)):
        if post.item_id in new and not post.is_correction:
            first.setdefault(post.item_id, post.id)
    return first


def _entry(post: Confirmed) -> Entry:
    told = {"item": post.item_id, "url": post.url, "at": post.published_at}
    return Entry("post.publish", "post", post.id, told)


async def _locked(session: AsyncSession, post: Post) -> Item:
    """The item as it stands, held until the transaction ends: its other post may be confirmed right now."""
    return await session.get_one(Item, post.item_id, with_for_update={"of": Item}, populate_existing=True)
