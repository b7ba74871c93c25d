"""A publisher withdraws a post or all of an item; a penalty withdraws itself on its day. What is ordered here is
carried out by `take_down_posts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices.service.states import cancel_of_items
from outreach.foundation import audit, clock
from outreach.foundation.audit import SERVICE
from outreach.foundation.problems import NotPossible, StaleState, invalid
from outreach.items import service as items
from outreach.items.model import Item, ItemState, Kind
from outreach.items.queries import due_withdrawals, get_item, hold_item
from outreach.items.rules import place_label, withdrawal_reason
from outreach.office.context import Office
from outreach.office.order_withdrawal import order_withdrawal
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import get_post
from outreach.publishing.rules import UNDER_WAY, PostAction, can, next_state
from outreach.publishing.service import Order
from outreach.screening.marks import doorkeeper

log = structlog.get_logger(__name__)

MAX_REASON: Final = 500
_HAVE_DAYS: Final = frozenset({ItemState.APPROVED, ItemState.PUBLISHED})


async def withdraw_post(session: AsyncSession, post_id: str, by: Person, reason: str) -> Post:
    """Withdraws one published post. Where no other post of its item is out or can still come out, the item is
    withdrawn with it.

    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent, ClassificationMarkFound.
    """
    post = await get_post(session, post_id, by)
    require_withdrawable(post, by)
    order = await _order(session, by, reason)
    posts = await publishing.hold_posts(session, post.item_id)
    if any(_may_be_seen(one) for one in posts if one is not post):
        return await order_withdrawal(session, post, order)
    await _withdraw_all(session, await session.get_one(Item, post.item_id), posts, order)
    return post


async def withdraw_item(session: AsyncSession, item_id: str, by: Person, reason: str) -> Item:
    """Withdraws all that is out of an item, and cancels what would come; its public page tells the reason at once.

    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent, ClassificationMarkFound.
    """
    item = await get_item(session, item_id, by)
    require_item_withdrawable(item, by)
    order = await _order(session, by, reason)
    return await _withdraw_all(session, item, await publishing.hold_posts(session, item.id), order)


async def withdraw_due(office: Office, *, limit: int) -> int:
    """Withdraws the penalties whose day has come, as the service's own act; how many."""
    today = clock.today(clock.SHANGHAI)
    async with office.db.read() as session:
        item_ids = await due_withdrawals(session, today, limit=limit)
    for item_id in item_ids:
        try:
            async with office.db.begin() as session:
                await _withdraw_on_its_day(session, item_id, today)
        except StaleState:
            log.info("item_changed_meanwhile", item=item_id)  # it is looked at again a second later
    return len(item_ids)


async def set_days(
    session: AsyncSession,
    item_id: str,
    by: Person,
    *,
    publish_until: date | None,
    credit_repaired_on: date | None,
) -> Item:
    """When an approved or published penalty is withdrawn by itself. That is no part of what reviewers signed: it makes
    no new revision. A day that has come already withdraws it now.

    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent.
    """
    item = await hold_item(session, item_id, by)
    require_days(item, by)
    for name, day in (("publish_until", publish_until), ("credit_repaired_on", credit_repaired_on)):
        if day is not None and day < item.formed_on:
            raise invalid(name, "不能早于形成日期。请核对。")
    return await items.set_withdrawal_days(
        session, item, by, publish_until=publish_until, credit_repaired_on=credit_repaired_on
    )


def require_withdrawable(post: Post, by: Person) -> None:
    """Raises Forbidden, or NotPossible where the post is not published."""
    require(by, Act.PUBLISH)
    next_state(post.state, PostAction.WITHDRAW)


def require_item_withdrawable(item: Item, by: Person) -> None:
    """Raises Forbidden, or NotPossible where nothing of the item is out or it is being withdrawn already."""
    require(by, Act.PUBLISH)
    if item.state is not ItemState.PUBLISHED:
        raise NotPossible(f"信息当前为“{place_label((item.state, item.stage))}”，没有可以撤回的。")
    if item.public_end_reason is not None:
        raise NotPossible("这条信息已经在撤回。")


def require_days(item: Item, by: Person) -> None:
    """Raises Forbidden, or NotPossible where the item has no day of withdrawal that could be set."""
    require(by, Act.WRITE_ITEMS)
    if item.kind is not Kind.PENALTY:
        raise NotPossible("只有行政处罚信息可以设定自动撤回的日期。")
    if item.state not in _HAVE_DAYS:
        told = place_label((item.state, item.stage))
        raise NotPossible(f"信息当前为“{told}”，不能设定自动撤回的日期。")


async def _order(session: AsyncSession, by: Person, reason: str) -> Order:
    """The reason is told in public, so that it passes the same door as an item."""
    reason = reason.strip()
    if not reason:
        raise invalid("reason", "请填写撤回的原因，公开页上会显示。")
    if len(reason) > MAX_REASON:
        raise invalid("reason", f"撤回的原因最多 {MAX_REASON} 个字，现有 {len(reason)} 个字。")
    (await doorkeeper(session)).refuse_texts(reason=reason)
    return Order(by, reason)


async def _withdraw_on_its_day(session: AsyncSession, item_id: str, today: date) -> None:
    item = await session.get_one(Item, item_id)
    is_due = item.withdraw_on is not None and item.withdraw_on <= today
    if is_due and item.state is ItemState.PUBLISHED and item.public_end_reason is None:
        posts = await publishing.hold_posts(session, item.id)
        await _withdraw_all(session, item, posts, Order(SERVICE, withdrawal_reason(item)))


async def _withdraw_all(session: AsyncSession, item: Item, posts: Sequence[Post], order: Order) -> Item:
    """What is out is to be taken down, and what would still come out is cancelled (an edition lets its article
    go by itself); what is under way at a platform follows when its outcome is known. Rows are locked in the order that confirmations have too: the posts, which are
    held, then their item, then the end of the audit chain."""
    await items.end_publicly(session, item, order.reason)
    await cancel_of_items(session, [item.id], order.reason)
    for post in posts:
        if post.state is PostState.PUBLISHED:
            await order_withdrawal(session, post, order)
        elif post.edition_id is None and can(
            post.state, PostAction.CANCEL, after_withdrawing=post.after_withdrawing
        ):
            await publishing.cancel_post(session, post, order.by)
    told = {"on": item.withdraw_on} if order.by is SERVICE else {}
    await audit.record(session, order.by, "item.withdraw", "item", item.id, reason=order.reason, **told)
    return item


def _may_be_seen(post: Post) -> bool:
    """Whether the post is out and stays, or can still come out without anybody's planning it anew."""
    waits = post.state is PostState.NEEDS_PERSON and not post.after_withdrawing
    return waits or post.state is PostState.PUBLISHED or post.state in UNDER_WAY
