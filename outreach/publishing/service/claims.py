"""Who works at a post: workers take what is due under a lease, keep it while they live, and store each step
before the next one is taken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.foundation import clock
from outreach.foundation.database import UtcDateTime
from outreach.items.model import Item
from outreach.publishing.model import Post, PostState
from outreach.publishing.rules import LEASE, ONE_AT_A_TIME


class LeaseLost(Exception):
    """Another worker has taken the post over: this one stops without a word to the platform."""


async def claim_due(session: AsyncSession, *, worker: str, limit: int) -> list[Post]:
    """Takes up to `limit` posts that are due (and the next one of each account that takes one at a time) and
    gives them a lease; nobody else gets the same ones, and nobody waits for who is taking others."""
    now = clock.now()
    due = [*await _due(session, now, limit), *await _due_one_at_a_time(session, now)]
    if not due:
        return []
    query = (
        update(Post)
        .where(Post.id.in_(due), Post.state == PostState.PLANNED)
        .values(
            state=PostState.SENDING,
            lease_until=now + LEASE,
            lease_holder=worker,
            tries=Post.tries + 1,
            updated_at=now,
        )
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    claimed = (await session.scalars(query)).all()
    posts = (await session.scalars(select(Post).where(Post.id.in_(claimed)).order_by(Post.id))).unique().all()
    await _open_public_pages(session, posts, now)
    return list(posts)


async def claim_looks(session: AsyncSession, state: PostState, *, limit: int) -> list[Post]:
    """Takes up to `limit` posts in `state` about which the platform is to be asked now, and puts off their
    next look, so that nobody else asks at the same time."""
    now = clock.now()
    due = (
        select(Post.id)
        .where(Post.state == state, Post.due_at <= now, Post.account_id.in_(_open_accounts()))
        .order_by(Post.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Post)
        .cte("due")
    )
    query = (
        update(Post)
        .where(Post.id.in_(select(due.c.id)), Post.state == state, Post.due_at <= now)
        .values(due_at=now + LEASE, updated_at=now)
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    claimed = (await session.scalars(query)).all()
    return list((await session.scalars(select(Post).where(Post.id.in_(claimed)))).unique())


async def claim_expired(session: AsyncSession) -> list[Post]:
    """The posts whose worker has not renewed its lease, held until the transaction ends."""
    query = select(Post).where(Post.state == PostState.SENDING, Post.lease_until < clock.now())
    return list((await session.scalars(query.with_for_update(of=Post, skip_locked=True))).unique())


async def renew_leases(session: AsyncSession, worker: str, post_ids: Collection[str]) -> None:
    """`worker` is alive and still at these posts: those of them that it holds stay its own."""
    now = clock.now()
    await session.execute(
        update(Post)
        .where(Post.id.in_(post_ids), *_held_by(worker, now))
        .values(lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )


async def remember_step(session: AsyncSession, post_id: str, worker: str, **step: Any) -> None:
    """Stores what the platform remembers of this delivery and renews the lease. Raises LeaseLost."""
    now = clock.now()
    query = (
        update(Post)
        .where(Post.id == post_id, *_held_by(worker, now))
        .values(lease_until=now + LEASE, updated_at=now, **step)
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(query)).scalar_one_or_none() is None:
        raise LeaseLost(post_id)


async def remember_release(session: AsyncSession, post_id: str, worker: str) -> None:
    """Stores that the call that publishes begins: the first time counts, for as long as its outcome is not
    known to have been nothing. Raises LeaseLost."""
    began_at = func.coalesce(Post.release_began_at, literal(clock.now(), UtcDateTime))
    await remember_step(session, post_id, worker, release_began_at=began_at)


async def _open_public_pages(session: AsyncSession, posts: Sequence[Post], now: datetime) -> None:
    """The public page answers from here on: the link in a post must work when the post appears."""
    await session.execute(
        update(Item)
        .where(Item.id.in_({post.item_id for post in posts}), Item.public_since.is_(None))
        .values(public_since=now)
        .execution_options(synchronize_session=False)
    )


def _open_accounts() -> Select[str]:
    return select(Account.id).where(Account.active, Account.paused_at.is_(None))


def _held_by(worker: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Post.state == PostState.SENDING, Post.lease_holder == worker, Post.lease_until > now)


async def _due(session: AsyncSession, now: datetime, limit: int) -> Sequence[str]:
    side_by_side = _open_accounts().where(Account.channel.not_in(ONE_AT_A_TIME))
    query = (
        select(Post.id)
        .where(Post.state == PostState.PLANNED, Post.due_at <= now, Post.account_id.in_(side_by_side))
        .order_by(Post.due_at, Post.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Post)
    )
    return (await session.scalars(query)).all()


async def _due_one_at_a_time(session: AsyncSession, now: datetime) -> Sequence[str]:
    """The next post of each account that has none outstanding. The accounts are held until the transaction
    ends: nobody else finds them without an outstanding one meanwhile."""
    due = (Post.state == PostState.PLANNED, Post.due_at <= now)
    waiting = _open_accounts().where(
        Account.channel.in_(ONE_AT_A_TIME), Account.id.in_(select(Post.account_id).where(*due))
    )
    held = (await session.scalars(waiting.with_for_update(skip_locked=True, key_share=True))).all()
    outstanding = select(Post.account_id).where(Post.state.in_({PostState.SENDING, PostState.UNCERTAIN}))
    first = (
        select(Post.id)
        .where(*due, Post.account_id == Account.id)
        .order_by(Post.due_at, Post.id)
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )
    query = select(first).where(Account.id.in_(held), Account.id.not_in(outstanding))
    return [post_id for post_id in await session.scalars(query) if post_id is not None]
