"""The read side of topics: which of them a publication belongs to, and what a follower asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.model import Follower, Subscription, Topic
from outreach.followers.topics.counties import Region, read_region
from outreach.followers.topics.facts import Facts
from outreach.followers.topics.rules import Wish, name_of
from outreach.foundation import office_settings
from outreach.foundation.problems import NotFound


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One of a follower's subscriptions."""

    topic_id: str
    wish: Wish
    since: datetime

    @property
    def name(self) -> str:
        """What it is called."""
        return name_of(self.wish)


async def region(session: AsyncSession) -> Region:
    """The city and its counties, as the office has set them."""
    settings = await office_settings.load(session)
    return read_region(settings.city, settings.counties)


async def matching_topics(session: AsyncSession, account_id: str, facts: Facts) -> Sequence[str]:
    """The ids of the account's topics that something with these facts belongs to, in one query. Who hears of it are
    the followers of any of them: to be asked set-wise by `Subscription.topic_id.in_(select_matching(…))` as well."""
    return (await session.scalars(select_matching(account_id, facts))).all()


def select_matching(account_id: str, facts: Facts) -> Select[str]:
    """The ids of `matching_topics` as a query, to be put into another one."""
    return select(Topic.id).where(
        Topic.account_id == account_id,
        Topic.kind == facts.kind,
        _in_county(facts),
        _about_enterprise(facts),
        _above(facts),
    )


async def subscriptions_of(session: AsyncSession, follower_id: int) -> list[Subscribed]:
    """What the follower asked for, the first one first."""
    query = (
        select(Topic, Subscription.since)
        .join(Subscription, Subscription.topic_id == Topic.id)
        .where(Subscription.follower_id == follower_id)
        .order_by(Subscription.since, Topic.id)
    )
    return [Subscribed(topic.id, wish_of(topic), since) for topic, since in await session.execute(query)]


def wish_of(topic: Topic) -> Wish:
    """A stored topic as rules speak of it."""
    return Wish(topic.kind, topic.county, topic.enterprise, topic.aqi_above)


async def get_follower(session: AsyncSession, account_id: str, follower_id: int) -> Follower:
    """Who follows that account. Raises NotFound, also for somebody who left."""
    follower = await session.get(Follower, follower_id)
    if follower is None or follower.account_id != account_id or not follower.subscribed:
        raise NotFound("没有查到您的关注记录。请先关注公众号，再从公众号菜单进入。")
    return follower


async def count_subscribers(session: AsyncSession, account_id: str) -> list[tuple[Wish, int]]:
    """Each topic of the account that somebody asked for, with how many did, the most wanted one first."""
    followers = func.count(Subscription.follower_id)
    query = (
        select(Topic, followers)
        .join(Subscription, Subscription.topic_id == Topic.id)
        .where(Topic.account_id == account_id)
        .group_by(Topic.id)
        .order_by(followers.desc(), Topic.id)
    )
    return [(wish_of(topic), count) for topic, count in await session.execute(query)]


def _in_county(facts: Facts) -> ColumnElement[bool]:
    if facts.is_citywide:
        return true()
    return or_(Topic.county == "", Topic.county.in_(facts.counties))


def _about_enterprise(facts: Facts) -> ColumnElement[bool]:
    """An enterprise is watched by a part of its name. Names bear no sign that LIKE reads otherwise (`topics.rules`)."""
    watched = [literal(name).like("%" + Topic.enterprise + "%") for name in facts.enterprises]
    return (
        or_(Topic.enterprise == "", and_(Topic.enterprise != "", or_(*watched)))
        if watched
        else (Topic.enterprise == "")
    )


def _above(facts: Facts) -> ColumnElement[bool]:
    if facts.aqi is None:
        return Topic.aqi_above == 0
    return or_(Topic.aqi_above == 0, Topic.aqi_above < facts.aqi)
