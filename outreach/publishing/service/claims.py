"""Who works at a post: workers take what is due under a lease, and what a dead one has left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import raiseload

from outreach.channels.model import Account
from outreach.channels.queries import open_accounts
from outreach.foundation import clock
from outreach.items.model import Item
from outreach.publishing.model import ALONE, Post, PostState
from outreach.publishing.rules import LEASE, ONE_AT_A_TIME
from outreach.publishing.service.steps import new_holder


async def claim_due(session: AsyncSession, *, worker: str, limit: int) -> list[Post]:
    """Takes up to `limit` posts that are due (and the next one of each account that takes one at a time) and
    gives them a lease, whose holder is this very claim; nobody else gets the same ones, and nobody waits for
    who is taking others."""
    now = clock.now()
    due = [*await _due(session, now, limit), *await _due_one_at_a_time(session, now)]
    if not due:
        return []
    claim = (
        update(Post)
        .where(Post.id.in_(due), Post.state == PostState.PLANNED)
        .values(
            state=PostState.SENDING,
            lease_until=now + LEASE,
            lease_holder=new_holder(worker),
            tries=Post.tries + 1,
            updated_at=now,
        )
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    claimed = (await session.scalars(claim)).all()
    query = select(Post).where(Post.id.in_(claimed)).order_by(Post.id).options(raiseload(Post.item))
    posts = (await session.scalars(query)).all()
    await open_public_pages(session, posts, now)
    return list(posts)


async def claim_looks(session: AsyncSession, state: PostState, *, limit: int) -> list[Post]:
    """Takes up to `limit` posts in `state` about which the platform is to be asked now, and puts off their
    next look, so that nobody else asks at the same time."""
    now = clock.now()
    due = (
        select(Post.id)
        .where(Post.state == state, Post.due_at <= now, ALONE, Post.account_id.in_(open_accounts()))
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
    query = select(Post).where(Post.state == PostState.SENDING, ALONE, Post.lease_until < clock.now())
    return list((await session.scalars(query.with_for_update(of=Post, skip_locked=True))).unique())


async def open_public_pages(session: AsyncSession, posts: Sequence[Post], now: datetime) -> None:
    """The public page answers from here on: the link in a post must work when the post appears."""
    shut = (Item.id.in_({post.item_id for post in posts}), Item.public_since.is_(None))
    in_order = select(Item.id).where(*shut).order_by(Item.id).with_for_update(key_share=True)
    await session.execute(
        update(Item)
        .where(Item.id.in_(in_order), *shut)
        .values(public_since=now)
        .execution_options(synchronize_session=False)
    )


async def _due(session: AsyncSession, now: datetime, limit: int) -> Sequence[str]:
    side_by_side = open_accounts().where(Account.channel.not_in(ONE_AT_A_TIME))
    query = (
        select(Post.id)
        .where(Post.state == PostState.PLANNED, Post.due_at <= now, ALONE, Post.account_id.in_(side_by_side))
        .order_by(Post.due_at, Post.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Post)
    )
    return (await session.scalars(query)).all()


async def _due_one_at_a_time(session: AsyncSession, now: datetime) -> Sequence[str]:
    """The next post of each account that has none outstanding. The accounts are held until the transaction
    ends: nobody else finds them without an outstanding one meanwhile."""
    due = (Post.state == PostState.PLANNED, Post.due_at <= now)
    waiting = open_accounts().where(
        Account.channel.in_(ONE_AT_A_TIME), Account.id.in_(select(Post.account_id).where(*due))
    )
    held = (await session.scalars(waiting.with_for_update(skip_locked=True, key_share=True))).all()
    if not held:
        return []
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
