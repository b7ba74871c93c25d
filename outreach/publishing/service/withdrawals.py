"""Published posts are taken down again: ordered, worked at under leases, done by hand where the platform has no call
for it, and at last known to be gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import raiseload

from outreach.channels.protocol import ChannelError
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.publishing.model import Post, PostState
from outreach.publishing.queries import withdrawals_due
from outreach.publishing.rules import LEASE, PostAction
from outreach.publishing.service.posts import move, note_attempt, problem_of
from outreach.publishing.service.steps import Hold, new_holder

OFFICE: Final = "office"
"""Stands in an attempt for whoever is no worker."""


@dataclass(frozen=True, slots=True)
class Order:
    """That posts are withdrawn: by whom, and the reason that is told in public."""

    by: Actor
    reason: str


async def hold_posts(session: AsyncSession, item_id: str) -> Sequence[Post]:
    """All posts of the item as they stand, held until the transaction ends; in the order of their planning."""
    query = select(Post).where(Post.item_id == item_id).order_by(Post.id)
    held = query.with_for_update(of=Post).execution_options(populate_existing=True)
    return (await session.scalars(held)).unique().all()


async def begin_withdrawal(session: AsyncSession, post: Post, order: Order) -> Post:
    """A published post is to be taken down; a worker does it. Raises NotPossible, StaleState."""
    now = clock.now()
    await move(
        session,
        post,
        PostAction.WITHDRAW,
        withdraw_reason=order.reason,
        withdraw_by=order.by.name,
        withdraw_at=now,
        takedown_began_at=None,
        problem_code=None,
        problem_message=None,
    )
    told = {"item": post.item_id, "reason": order.reason}
    await audit.record(session, order.by, "post.withdraw", "post", post.id, **told)
    await note_attempt(session, post, OFFICE, "withdraw_ordered", f"{order.by.name}：{order.reason}")
    return post


async def leave_takedown_to_person(session: AsyncSession, post: Post, worker: str, told: str) -> Post:
    """Only a person can take it down; `told` (Chinese) says how, and ends with where it stands."""
    if post.url:
        told = f"{told}链接：{post.url}"
    action = PostAction.LEAVE_WITHDRAWING_TO_PERSON
    await move(session, post, action, after_withdrawing=True, problem_code="by-hand", problem_message=told)
    await note_attempt(session, post, worker, "withdraw_by_hand", told)
    return post


async def keep_published(session: AsyncSession, post: Post) -> Post:
    """A person decides that a post which waits to be taken down by hand stays: it is published as before, and not
    counted again. Raises NotPossible, StaleState."""
    await move(
        session,
        post,
        PostAction.RESOLVE_PUBLISHED,
        after_withdrawing=False,
        withdraw_reason=None,
        withdraw_by=None,
        withdraw_at=None,
        takedown_began_at=None,
        problem_code=None,
        problem_message=None,
    )
    return post


async def end_post(session: AsyncSession, post: Post, action: PostAction, reason: str) -> Post:
    """It is known to be gone from the platform. Raises NotPossible, StaleState."""
    was_removed = action is PostAction.REMOVED
    await move(
        session,
        post,
        action,
        withdrawn_at=clock.now(),
        withdraw_reason=reason,
        problem_code=None,
        problem_message=reason if was_removed else None,
    )
    return post


async def claim_withdrawals(session: AsyncSession, *, worker: str, limit: int) -> list[Post]:
    """Takes up to `limit` posts that are to be taken down now, also those that a dead worker left, and gives them a
    lease; posts of a paused account wait."""
    now = clock.now()
    due = (
        select(Post.id, Post.lease_holder)
        .where(*withdrawals_due(now))
        .order_by(Post.due_at, Post.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Post)
    )
    before = {row[0]: row[1] for row in await session.execute(due)}
    if not before:
        return []
    claim = (
        update(Post)
        .where(Post.id.in_(before), Post.state == PostState.WITHDRAWING)
        .values(
            lease_until=now + LEASE, lease_holder=new_holder(worker), tries=Post.tries + 1, updated_at=now
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(claim)
    query = select(Post).where(Post.id.in_(before)).order_by(Post.id).options(raiseload(Post.item))
    posts = list((await session.scalars(query)).all())
    for post in posts:
        if before[post.id] is not None:
            told = "撤回它的进程中断了，由另一进程接着撤回；先到平台上核对。"
            await note_attempt(session, post, worker, "withdraw_taken_over", told)
    return posts


async def remember_takedown(session: AsyncSession, hold: Hold) -> bool:
    """Stores that the call which takes the post down begins, and renews the lease; whether it is still held."""
    now = clock.now()
    return await _store(session, hold, {"takedown_began_at": now, "lease_until": now + LEASE})


async def put_off_takedown(session: AsyncSession, hold: Hold, error: ChannelError, wait: timedelta) -> bool:
    """It is tried again after `wait`; whether it was still held."""
    change = {"due_at": clock.now() + wait, "lease_until": None, "lease_holder": None, **problem_of(error)}
    return await _store(session, hold, change)


async def _store(session: AsyncSession, hold: Hold, change: Mapping[str, Any]) -> bool:
    query = (
        update(Post)
        .where(
            Post.id == hold.post_id,
            Post.state == PostState.WITHDRAWING,
            Post.lease_holder == hold.holder,
        )
        .values(updated_at=clock.now(), **change)
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(query)).scalar_one_or_none() is not None
