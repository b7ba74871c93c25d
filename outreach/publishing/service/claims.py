"""Who works at a post: workers take what is due under a lease, and what a dead one has left.

What is taken is paid for in the same transaction: a claim takes the calls that its posts need out of their account's
budgets, once for all of them. A post for which there is nothing left waits for the window's opening, and with it all
others of its account that are due before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Integer, String, bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import raiseload

from outreach.channels import breaker, budgets
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand, Grant
from outreach.channels.model import Account, Breaker, ChannelName
from outreach.channels.queries import answering_accounts, not_stopped, open_accounts, sending_accounts
from outreach.foundation import clock
from outreach.foundation.database import UtcDateTime
from outreach.items.model import Item
from outreach.items.queries import sealed_items
from outreach.publishing.model import ALONE, Post, PostState
from outreach.publishing.rules import LEASE, ONE_AT_A_TIME, SPENT
from outreach.publishing.service.steps import new_holder


class _Due(NamedTuple):
    id: str
    account_id: str
    channel: ChannelName


# The statements of each claim, made once: to make one takes as long as to run it.
_NOW: Final = bindparam("now", type_=UtcDateTime)
_IS_DUE: Final = (
    Post.state == PostState.PLANNED,
    ALONE,
    Post.due_at <= _NOW,
    Post.item_id.not_in(sealed_items()),
)
"""That a post goes out now, if its account may send."""

_IS_OUTSTANDING: Final = Post.state.in_({PostState.SENDING, PostState.UNCERTAIN}) & Post.account_id.in_(
    select(Account.id).where(Account.channel.in_(ONE_AT_A_TIME))
)
"""Whether the post is one beside which its account sends no other one, where it takes one at a time."""

_DUE: Final = (
    select(Post.id, Post.account_id, Account.channel)
    .join_from(Post, Account)
    .where(*_IS_DUE, Post.account_id.in_(sending_accounts().where(Account.channel.not_in(ONE_AT_A_TIME))))
    .order_by(Post.due_at, Post.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True, of=Post)
)
_WAITING_ACCOUNTS: Final = (
    sending_accounts()
    .where(Account.channel.in_(ONE_AT_A_TIME), Account.id.in_(select(Post.account_id).where(*_IS_DUE)))
    .with_for_update(skip_locked=True, key_share=True)
)
_HAS_WORK: Final = (
    Breaker.account_id.in_(open_accounts())
    & not_stopped(Breaker.account_id)
    & exists().where(Post.account_id == Breaker.account_id, *_IS_DUE)
    & ~exists().where(_IS_OUTSTANDING, Post.account_id == Breaker.account_id)
)
_FIRST: Final = select(
    select(Post.id)
    .where(*_IS_DUE, Post.account_id == Account.id)
    .order_by(Post.due_at, Post.id)
    .limit(1)
    .correlate(Account)
    .scalar_subquery(),
    Account.id,
    Account.channel,
).where(
    Account.id.in_(bindparam("account_ids", expanding=True)),
    Account.channel.not_in(ONE_AT_A_TIME) | Account.id.not_in(select(Post.account_id).where(_IS_OUTSTANDING)),
)
_CLAIM: Final = (
    update(Post)
    .where(Post.id.in_(bindparam("ids", expanding=True)), Post.state == PostState.PLANNED)
    .values(
        state=PostState.SENDING,
        lease_until=bindparam("lease_until", type_=UtcDateTime),
        lease_holder=bindparam("holder", type_=String),
        tries=Post.tries + 1,
        updated_at=_NOW,
    )
    .returning(Post.id)
    .execution_options(synchronize_session=False)
)
_CLAIMED: Final = (
    select(Post)
    .where(Post.id.in_(bindparam("ids", expanding=True)))
    .order_by(Post.id)
    .options(raiseload(Post.item))
)
_ITEM: Final = Item.__table__.c
_SHUT: Final = (_ITEM.id.in_(bindparam("ids", expanding=True)), _ITEM.public_since.is_(None))
_OPEN_PAGES: Final = (
    update(Item)
    .where(
        _ITEM.id.in_(select(_ITEM.id).where(*_SHUT).order_by(_ITEM.id).with_for_update(key_share=True)),
        *_SHUT,
    )
    .values(public_since=_NOW)
)


async def claim_due(session: AsyncSession, *, worker: str, limit: int) -> list[Post]:
    """Takes up to `limit` posts that are due (and the next one of each account that takes one at a time) and
    gives them a lease, whose holder is this very claim; nobody else gets the same ones, and nobody waits for
    who is taking others. Of a sealed item nothing is taken."""
    now = clock.now()
    due = [
        *await _due(session, now, limit),
        *await _due_one_at_a_time(session, now),
        *await _probes(session, now),
    ]
    paid = await _paid_for(session, due, now)
    if not paid:
        return []
    taken = {"ids": paid, "now": now, "lease_until": now + LEASE, "holder": new_holder(worker)}
    claimed = (await session.scalars(_CLAIM, taken)).all()
    posts = (await session.scalars(_CLAIMED, {"ids": claimed})).all()
    await open_public_pages(session, posts, now)
    return list(posts)


async def claim_looks(session: AsyncSession, state: PostState, *, limit: int) -> list[Post]:
    """Takes up to `limit` posts in `state` about which the platform is to be asked now, and puts off their
    next look, so that nobody else asks at the same time. Looking goes on while publishing is stopped."""
    now = clock.now()
    due = [*await _looks_due(session, state, now, limit), *await _look_probes(session, state, now)]
    paid = await _looks_paid_for(session, state, due)
    query = (
        update(Post)
        .where(Post.id.in_(paid), Post.state == state, Post.due_at <= now)
        .values(due_at=now + LEASE, updated_at=now)
        .returning(Post.id)
        .execution_options(synchronize_session=False)
    )
    claimed = (await session.scalars(query)).all() if paid else []
    return list((await session.scalars(select(Post).where(Post.id.in_(claimed)))).unique()) if claimed else []


async def try_spent_again(session: AsyncSession, account_id: str) -> None:
    """The posts of the account that wait for a budget are due now: it may hold more than was known."""
    now = clock.now()
    waiting = (Post.state == PostState.PLANNED, Post.problem_code == SPENT, Post.due_at > now)
    await session.execute(
        update(Post)
        .where(Post.account_id == account_id, *waiting)
        .values(due_at=now, updated_at=now)
        .execution_options(synchronize_session=False)
    )


async def claim_expired(session: AsyncSession) -> list[Post]:
    """The posts whose worker has not renewed its lease, held until the transaction ends."""
    query = select(Post).where(Post.state == PostState.SENDING, ALONE, Post.lease_until < clock.now())
    return list((await session.scalars(query.with_for_update(of=Post, skip_locked=True))).unique())


async def open_public_pages(session: AsyncSession, posts: Sequence[Post], now: datetime) -> None:
    """The public page answers from here on: the link in a post must work when the post appears."""
    if posts:
        ids = {post.item_id for post in posts}
        await (await session.connection()).execute(_OPEN_PAGES, {"ids": list(ids), "now": now})


async def _due(session: AsyncSession, now: datetime, limit: int) -> Sequence[_Due]:
    return [_Due(*row) for row in await session.execute(_DUE, {"now": now, "most": limit})]


async def _due_one_at_a_time(session: AsyncSession, now: datetime) -> Sequence[_Due]:
    """The next post of each account that has none outstanding. The accounts are held until the transaction
    ends: nobody else finds them without an outstanding one meanwhile."""
    held = (await session.scalars(_WAITING_ACCOUNTS, {"now": now})).all()
    return await _first_of(session, held, now)


async def _probes(session: AsyncSession, now: datetime) -> Sequence[_Due]:
    """One post of each account whose platform did not answer and may be tried again."""
    return await _first_of(session, await breaker.take_probes(session, _HAS_WORK, {"now": now}), now)


async def _first_of(session: AsyncSession, account_ids: Collection[str], now: datetime) -> Sequence[_Due]:
    """The next post of each of these accounts, but for those that have one outstanding and take one at a time."""
    if not account_ids:
        return []
    first = await session.execute(_FIRST, {"now": now, "account_ids": list(account_ids)})
    return [_Due(*row) for row in first if row[0] is not None]


async def _looks_due(session: AsyncSession, state: PostState, now: datetime, limit: int) -> Sequence[_Due]:
    query = (
        select(Post.id, Post.account_id, Account.channel)
        .join_from(Post, Account)
        .where(Post.state == state, ALONE, Post.due_at <= now, Post.account_id.in_(answering_accounts()))
        .order_by(Post.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Post)
    )
    return [_Due(*row) for row in await session.execute(query)]


async def _look_probes(session: AsyncSession, state: PostState, now: datetime) -> Sequence[_Due]:
    """One post to look for of each account whose platform did not answer and may be tried again."""
    due = (Post.state == state, ALONE, Post.due_at <= now)
    has_work = Breaker.account_id.in_(open_accounts()) & exists().where(
        Post.account_id == Breaker.account_id, *due
    )
    probes = await breaker.take_probes(session, has_work, {})
    if not probes:
        return []
    first = (
        select(Post.id)
        .where(*due, Post.account_id == Account.id)
        .order_by(Post.due_at)
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )
    query = select(first, Account.id, Account.channel).where(Account.id.in_(probes))
    return [_Due(*row) for row in await session.execute(query)]


async def _paid_for(session: AsyncSession, due: Sequence[_Due], now: datetime) -> list[str]:
    """Those of `due` for which there was enough in the budgets; the first ones of each account."""
    grouped = _by_account(due)
    demands = [_demand(posts, Use.RELEASE) for posts in grouped]
    paid: list[str] = []
    for posts, grant in zip(grouped, await budgets.take(session, demands), strict=True):
        paid += [post.id for post in posts[: grant.number]]
        if grant.opens_at is not None:
            others = (Post.account_id == posts[0].account_id) & (Post.due_at <= now) & Post.id.not_in(paid)
            await _put_off(session, (Post.state == PostState.PLANNED) & ALONE & others, grant, explained=True)
    return paid


async def _looks_paid_for(session: AsyncSession, state: PostState, due: Sequence[_Due]) -> list[str]:
    """The same for looks. What there is no look for waits as it is: uncertain, or accepted."""
    grouped = _by_account(due)
    use = Use.RESULT if state is PostState.ACCEPTED else Use.LOOK
    paid: list[str] = []
    for posts, grant in zip(
        grouped, await budgets.take(session, [_demand(posts, use) for posts in grouped]), strict=True
    ):
        paid += [post.id for post in posts[: grant.number]]
        unpaid = [post.id for post in posts[grant.number :]]
        if unpaid:
            await _put_off(session, (Post.state == state) & Post.id.in_(unpaid), grant, explained=False)
    return paid


async def _put_off(
    session: AsyncSession, posts: ColumnElement[bool], grant: Grant, *, explained: bool
) -> None:
    """Only what nobody else is taking just now: whoever does asks the same budget."""
    told = {"problem_code": SPENT, "problem_message": grant.reason} if explained else {}
    free = select(Post.id).where(posts).order_by(Post.id).with_for_update(skip_locked=True, of=Post)
    await session.execute(
        update(Post)
        .where(Post.id.in_(free))
        .values(due_at=grant.opens_at, updated_at=clock.now(), **told)
        .execution_options(synchronize_session=False)
    )


def _by_account(due: Sequence[_Due]) -> list[list[_Due]]:
    grouped: defaultdict[str, list[_Due]] = defaultdict(list)
    for post in due:
        grouped[post.account_id].append(post)
    return list(grouped.values())


def _demand(posts: Sequence[_Due], use: Use) -> Demand:
    return Demand(posts[0].account_id, posts[0].channel, use, len(posts))
