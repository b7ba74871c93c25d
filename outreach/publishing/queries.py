"""The read side of posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    extract,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account, ChannelName
from outreach.channels.queries import open_accounts, takeable_accounts
from outreach.foundation.json_columns import json_list, json_object
from outreach.foundation.problems import NotFound
from outreach.items.model import Item, ItemState, Revision
from outreach.items.queries import sealed_items
from outreach.items.rows import (
    ITEM,
    OF_OWN_SECTIONS,
    URGENT_FIRST,
    Span,
    Waiting,
    waiting,
    waiting_items,
)
from outreach.people.model import Person
from outreach.people.rules import Act, may, sees_section
from outreach.publishing.editions.model import Edition
from outreach.publishing.editions.rules import UNDER_WAY as EDITIONS_UNDER_WAY
from outreach.publishing.model import ALONE, Attempt, Post, PostState
from outreach.publishing.rules import LEASED_STATES, LIVE_STATES, NEEDS_ATTENTION, OPEN_STATES, UNDER_WAY
from outreach.screening.queries import STANDING


@dataclass(frozen=True, slots=True)
class Due:
    """The planned posts of a channel whose time has come, and since when the first of them has been waiting."""

    posts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Leases:
    """The posts that workers are sending or taking down: `held` by a living one, `expired` where it has fallen silent."""

    held: int
    expired: int


@dataclass(frozen=True, slots=True)
class DeliveryTimes:
    """How long posts took from the moment for which they were planned until they were known to be out.

    `within` says of how many it was at most so many seconds, for each of the limits asked for, in their
    order; `total_s` is the sum of all `posts`.
    """

    within: tuple[int, ...]
    posts: int
    total_s: float


_LAST_CONFIRMED: Final = 20
"""More than a timeline shows."""

Outcome = tuple[ChannelName, str, str | None]
"""A channel, how an attempt on it ended, and the code that came with it."""


async def get_post(session: AsyncSession, post_id: str, reader: Person) -> Post:
    """The post, if its item is for `reader`'s eyes. Raises NotFound."""
    post = await session.get(Post, post_id)
    if post is None or not sees_section(reader, post.item.section_id):
        raise NotFound("没有这个发布件，或者它不属于您所在的科室。")
    return post


async def attempts_of(session: AsyncSession, post: Post) -> Sequence[Attempt]:
    """How each step went, first one first."""
    query = select(Attempt).where(Attempt.post_id == post.id).order_by(Attempt.id)
    return (await session.scalars(query)).all()


async def list_posts(
    session: AsyncSession,
    reader: Person,
    *,
    state: PostState | None = None,
    account_id: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> tuple[list[Post], str | None]:
    """A page of posts that `reader` may see, newest first, and the cursor of the next page."""
    query = select(Post).order_by(Post.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(Post.state == state)
    if account_id is not None:
        query = query.where(Post.account_id == account_id)
    if cursor:
        query = query.where(Post.id < cursor)
    rows = list((await session.scalars(_visible(query, reader))).unique())
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def posts_needing_attention(session: AsyncSession, reader: Person) -> list[Post]:
    """The posts on which a person has to act, or whose outcome is not known yet; the oldest first. What is an
    edition's is told by the edition, here and below, but for an article that is to be taken down by hand."""
    by_itself = or_(ALONE, Post.after_withdrawing)
    query = select(Post).where(Post.state.in_(NEEDS_ATTENTION), by_itself).order_by(Post.updated_at)
    return list((await session.scalars(_visible(query, reader))).unique())


async def late_posts(session: AsyncSession, reader: Person, before: datetime) -> list[Post]:
    """The planned posts that should have gone out by `before` and are held up: by a problem that an earlier
    try met, by their account's pause, or because nobody took them. The one that waits longest first."""
    planned_for = func.coalesce(Post.at, Post.planned_at)
    held_up = or_(Post.due_at <= before, Post.problem_message.is_not(None))
    query = (
        select(Post)
        .where(Post.state == PostState.PLANNED, ALONE, planned_for <= before, held_up)
        .order_by(planned_for, Post.id)
    )
    return list((await session.scalars(_visible(query, reader))).unique())


async def outgoing_revision(session: AsyncSession, item_id: str) -> Revision | None:
    """The revision that goes out, or went out; None where there is no such post."""
    query = select(Revision).where(Revision.item_id == item_id, Revision.number == outgoing_number(item_id))
    return (await session.scalars(query)).one_or_none()


def outgoing_number(item_id: str | ColumnElement[str]) -> ScalarSelect[int]:
    """The number of the revision that goes out: that of the posts which were claimed and are neither
    cancelled nor withdrawn. NULL where there is no such post."""
    return (
        select(func.max(Post.revision))
        .where(
            Post.item_id == item_id,
            Post.state.in_(LIVE_STATES),
            or_(Post.state != PostState.PLANNED, Post.tries > 0),
        )
        .scalar_subquery()
    )


async def platform_ids(
    session: AsyncSession, account_id: str, *, but: str, since: datetime
) -> frozenset[str]:
    """The platform's ids of the account's other posts: those that were confirmed last, by whatever clock, and all
    that were confirmed at `since` or later, or shortly before: our clock and the platform's may differ."""
    own = select(Post.platform_id).where(
        Post.account_id == account_id, Post.id != but, Post.platform_id.is_not(None)
    )
    lately = own.where(Post.confirmed_at >= since - timedelta(hours=1))
    last = own.order_by(Post.confirmed_at.desc()).limit(_LAST_CONFIRMED)
    found = [*await session.scalars(lately), *await session.scalars(last)]
    return frozenset(one for one in found if one)


async def posts_by_item(session: AsyncSession, item_ids: Iterable[str]) -> dict[str, list[Post]]:
    """All posts of the items, in the order in which they were planned."""
    grouped: dict[str, list[Post]] = {}
    query = select(Post).where(Post.item_id.in_(list(item_ids))).order_by(Post.id)
    for post in (await session.scalars(query)).unique():
        grouped.setdefault(post.item_id, []).append(post)
    return grouped


def to_be_stopped() -> ColumnElement[bool]:
    """Posts that a sealed item must not have: they wait to go out, stopped on the way, or are out. An edition's
    articles that are not out are taken out of it (`editions.service.composing.drop_ended`)."""
    stopped_on_the_way = and_(Post.state == PostState.NEEDS_PERSON, Post.after_withdrawing == false(), ALONE)
    waits = and_(Post.state.in_({PostState.PLANNED, PostState.FAILED}), ALONE)
    return or_(waits, Post.state == PostState.PUBLISHED, stopped_on_the_way)


async def sealed_with_posts_to_stop(session: AsyncSession) -> Sequence[str]:
    """The ids of sealed items whose posts came to such a state after the sealing. Asked each second: it begins with
    the few items that are sealed, never with the many posts that are out."""
    query = sealed_items().where(exists().where(Post.item_id == Item.id, to_be_stopped()))
    return (await session.scalars(query.order_by(Item.id))).all()


async def approved_and_unplanned(
    session: AsyncSession, person: Person, span: Span
) -> tuple[list[Waiting], int]:
    """The approved items without a live post, for a publisher; urgent ones first, then the one that waits longest; how
    many there are."""
    if not may(person, Act.PUBLISH):
        return [], 0
    return await waiting_items(session, _UNPLANNED, person, span)


async def count_by_state(session: AsyncSession) -> dict[PostState, int]:
    """How many posts are in each state that any is in."""
    query = select(Post.state, func.count(Post.id)).group_by(Post.state)
    return {row[0]: row[1] for row in await session.execute(query)}


async def oldest_due(session: AsyncSession) -> datetime | None:
    """When the planned post that waits longest is or was due."""
    return await session.scalar(select(func.min(Post.due_at)).where(Post.state == PostState.PLANNED, ALONE))


async def count_open(session: AsyncSession) -> dict[tuple[PostState, ChannelName], int]:
    """How many posts are in each state that is not the end of their way, by channel. What has come to its end
    is not counted: it grows without bound."""
    query = (
        select(Post.state, Account.channel, func.count())
        .join_from(Post, Account)
        .where(Post.state.in_(OPEN_STATES), ALONE)
        .group_by(Post.state, Account.channel)
    )
    return {(state, channel): count for state, channel, count in await session.execute(query)}


async def due_by_channel(session: AsyncSession, now: datetime) -> dict[ChannelName, Due]:
    """The planned posts whose time has come at `now`, also those of a paused account."""
    query = (
        select(Account.channel, func.count(), func.min(Post.due_at))
        .join_from(Post, Account)
        .where(Post.state == PostState.PLANNED, ALONE, Post.due_at <= now)
        .group_by(Account.channel)
    )
    return {channel: Due(posts, since) for channel, posts, since in await session.execute(query)}


async def longest_needing_attention(session: AsyncSession) -> dict[PostState, datetime]:
    """Since when the post that has waited longest has been in each of these states."""
    query = (
        select(Post.state, func.min(Post.updated_at))
        .where(Post.state.in_(NEEDS_ATTENTION), ALONE)
        .group_by(Post.state)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def count_leases(session: AsyncSession, now: datetime) -> Leases:
    """Whether those who are sending posts or taking them down at `now` still live."""
    held = func.count().filter(Post.lease_until > now)
    query = select(held, func.count()).where(Post.state.in_(LEASED_STATES), Post.lease_holder.is_not(None))
    of_the_living, all_ = (await session.execute(query)).one()
    return Leases(of_the_living, all_ - of_the_living)


async def outcomes_since(session: AsyncSession, since: datetime) -> dict[Outcome, int]:
    """How often each outcome came about at `since` or later."""
    query = (
        select(Account.channel, Attempt.outcome, Attempt.code, func.count())
        .join_from(Attempt, Post)
        .join(Account)
        .where(Attempt.at >= since)
        .group_by(Account.channel, Attempt.outcome, Attempt.code)
    )
    return {(channel, end, code): count for channel, end, code, count in await session.execute(query)}


async def delivery_times_since(
    session: AsyncSession, since: datetime, limits_s: Sequence[float]
) -> dict[ChannelName, DeliveryTimes]:
    """Of the posts that were confirmed at `since` or later, by platform or person. SQLite tells whole seconds."""
    planned_for = func.coalesce(Post.at, Post.planned_at)
    took_s = extract("epoch", Post.confirmed_at) - extract("epoch", planned_for)
    within = [func.count().filter(took_s <= limit) for limit in limits_s]
    query = (
        select(Account.channel, func.count(), func.sum(took_s), *within)
        .join_from(Post, Account)
        .where(Post.confirmed_at >= since, ALONE)
        .group_by(Account.channel)
    )
    return {
        channel: DeliveryTimes(tuple(counts), posts, float(total))
        for channel, posts, total, *counts in await session.execute(query)
    }


async def is_any_under_way(session: AsyncSession) -> bool:
    """Whether a post or an edition waits for its time, is being sent, or has an outcome that is not known yet."""
    posts = exists().where(Post.state.in_(UNDER_WAY), ALONE)
    editions = exists().where(Edition.state.in_(EDITIONS_UNDER_WAY))
    return bool(await session.scalar(select(or_(posts, editions))))


async def accounts_that_release(session: AsyncSession, account_ids: Iterable[str]) -> set[str]:
    """Those of the accounts that publish a post right now: the platform's answer is not stored yet."""
    query = select(Post.account_id).where(
        Post.state == PostState.SENDING,
        Post.release_began_at.is_not(None),
        Post.account_id.in_(list(account_ids)),
    )
    return set(await session.scalars(query.distinct()))


async def next_due(session: AsyncSession, now: datetime, before: datetime) -> list[tuple[datetime, int]]:
    """The moments until `before` at which posts are due that can go out as things stand `now`, each with how
    many."""
    can_go_out = Post.account_id.in_(takeable_accounts(now))
    query = (
        select(Post.due_at, func.count(Post.id))
        .where(Post.state == PostState.PLANNED, ALONE, Post.due_at <= before, can_go_out)
        .group_by(Post.due_at)
        .order_by(Post.due_at)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def is_any_withdrawal_due(session: AsyncSession, now: datetime) -> bool:
    """Whether a post is to be taken down at `now` that nobody works at."""
    return bool(await session.scalar(select(exists().where(*withdrawals_due(now)))))


async def held_up_withdrawals(session: AsyncSession, reader: Person, before: datetime) -> list[Post]:
    """The posts that are to be taken down and can't be now: their account is paused, or a try met a problem, or nobody
    has taken them since `before`. The one that waits longest first."""
    is_shut = Post.account_id.not_in(open_accounts())
    held_up = or_(is_shut, Post.due_at <= before, Post.problem_message.is_not(None))
    query = (
        select(Post).where(Post.state == PostState.WITHDRAWING, held_up).order_by(Post.withdraw_at, Post.id)
    )
    return list((await session.scalars(_visible(query, reader))).unique())


async def longest_withdrawing(session: AsyncSession) -> dict[ChannelName, datetime]:
    """Since when the post that waits longest is to be taken down, on each channel where any is."""
    query = (
        select(Account.channel, func.min(func.coalesce(Post.withdraw_at, Post.updated_at)))
        .join_from(Post, Account)
        .where(Post.state == PostState.WITHDRAWING)
        .group_by(Account.channel)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


def withdrawals_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a post is to be taken down at `now`: also one that a dead worker left."""
    return (
        Post.state == PostState.WITHDRAWING,
        Post.due_at <= now,
        or_(Post.lease_until.is_(None), Post.lease_until < now),
        Post.account_id.in_(open_accounts()),
    )


def _visible(query: Select[Post], reader: Person) -> Select[Post]:
    if reader.section_ids is None:
        return query
    return query.where(Post.section_id.in_(reader.section_ids))


_POST: Final = Post.__table__.c
_ACCOUNT: Final = Account.__table__.c
_PROBLEM: Final = json_object(_POST.problem_code.label("code"), _POST.problem_message.label("message"))
POSTS: Final = json_list(
    select(
        *(_POST.id, _POST.account_id.label("account"), _ACCOUNT.channel, _POST.state, _POST.at, _POST.url),
        case((_POST.problem_message != "", _PROBLEM)).label("problem"),
    )
    .join_from(Post.__table__, Account.__table__, _POST.account_id == _ACCOUNT.id)
    .where(_POST.item_id == ITEM.id)
    .order_by(_POST.id)
    .correlate(Item.__table__)
)
"""All posts of an item in the order in which they were planned, without what was sent, as JSON: a column beside
those of `items.rows.ITEM`."""
_UNPLANNED: Final = waiting(
    STANDING,
    OF_OWN_SECTIONS,
    ITEM.state == ItemState.APPROVED,
    ~exists().where(_POST.item_id == ITEM.id, _POST.state.in_(LIVE_STATES)),
).order_by(*URGENT_FIRST, ITEM.waiting_since, ITEM.updated_at, ITEM.id)
