"""A follower asks for a topic, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.acts import record
from outreach.followers.consent import ConsentNeeded, has_consented
from outreach.followers.model import Follower, Subscription, Topic
from outreach.followers.topics.rules import Wish, checked, name_of, over_limit
from outreach.foundation import clock, office_settings
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.foundation.problems import invalid

HOURS: Final = range(6, 23)
"""The hours of the day at which a digest can be had."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A wish that was taken; `is_new` unless it was a subscription already."""

    wish: Wish
    is_new: bool


async def subscribe(session: AsyncSession, follower: Follower, wish: Wish) -> Taken:
    """The follower wants to hear of it from now on; the same again changes nothing.

    Raises:
        ConsentNeeded: they never agreed that anything is kept of them.
        InvalidContent: there is no such topic, or they have as many as one follower may have.
    """
    wish = checked(wish)
    await session.refresh(
        follower, with_for_update=True
    )  # the limit holds for what comes at the same moment, too
    if not await has_consented(session, follower):
        raise ConsentNeeded("订阅前请先阅读并同意个人信息处理告知。")
    topic_id = await _topic_id(session, follower.account_id, wish)
    if await session.get(Subscription, (topic_id, follower.id)):
        return Taken(wish, is_new=False)
    limit = (await office_settings.load(session)).subscription_limit
    if await _count(session, follower) >= limit:
        raise over_limit(limit)
    session.add(Subscription(topic_id=topic_id, follower_id=follower.id, since=clock.now()))
    await record(session, follower, "subscribe", topic=name_of(wish))
    return Taken(wish, is_new=True)


async def unsubscribe(session: AsyncSession, follower: Follower, topic_id: str) -> None:
    """The follower wants to hear of it no more; the same again changes nothing."""
    ended = await session.execute(
        delete(Subscription)
        .where(Subscription.follower_id == follower.id, Subscription.topic_id == topic_id)
        .returning(Subscription.topic_id)
    )
    if ended.one_or_none():
        await record(session, follower, "unsubscribe", topic_id=topic_id)


async def unsubscribe_from_all(session: AsyncSession, follower: Follower) -> int:
    """The follower wants to hear of nothing any more; of how many topics that was."""
    ended = await session.scalars(
        delete(Subscription).where(Subscription.follower_id == follower.id).returning(Subscription.topic_id)
    )
    count = len(ended.all())
    if count:
        await record(session, follower, "unsubscribe_from_all", count=count)
    return count


async def set_digest_hour(session: AsyncSession, follower: Follower, hour: int | None) -> None:
    """When the follower wants everything at once: an hour (Asia/Shanghai); None: each by itself. Raises InvalidContent."""
    if hour is not None and hour not in HOURS:
        raise invalid("digest_hour", f"请选择 {HOURS.start} 点至 {HOURS.stop - 1} 点之间的整点。")
    if follower.digest_hour != hour:
        follower.digest_hour = hour
        await record(session, follower, "digest_hour", hour=hour)


async def _topic_id(session: AsyncSession, account_id: str, wish: Wish) -> str:
    """The topic's id; it is made where nobody asked for it before."""
    values = {
        "account_id": account_id,
        "kind": wish.kind,
        "county": wish.county,
        "enterprise": wish.enterprise,
        "aqi_above": wish.aqi_above,
    }
    made = insert_into(session, Topic).values(id=new_id(), **values).on_conflict_do_nothing()
    await session.execute(made)
    return (await session.scalars(select(Topic.id).filter_by(**values))).one()


async def _count(session: AsyncSession, follower: Follower) -> int:
    query = select(func.count()).select_from(Subscription).where(Subscription.follower_id == follower.id)
    return await session.scalar(query) or 0
