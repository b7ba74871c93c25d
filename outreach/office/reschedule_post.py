"""A planned post is given another time."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotPossible, StaleState
from outreach.items.queries import hold_item
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.queries import get_post


async def reschedule_post(session: AsyncSession, post_id: str, by: Person, at: datetime) -> Post:
    """It goes out at `at`; see `publishing.service.reschedule`. Raises NotFound, Forbidden besides."""
    post = await _held(session, post_id, by)
    return await publishing.reschedule(session, post, by, at)


async def move_to_day(
    session: AsyncSession, post_id: str, by: Person, day: date, zone: ZoneInfo, *, seen: str
) -> Post:
    """It goes out on another day at the same time of day; `seen` is the time (ISO 8601) for which the page showed it.

    Raises NotFound, Forbidden, NotPossible, StaleState, InvalidContent.
    """
    post = await _held(session, post_id, by)
    if post.at is None:
        raise NotPossible("这个发布件没有定时，正在等待发送，不能移到别的日期。")
    if post.at.isoformat() != seen:
        raise StaleState("这个发布件刚被他人改期，您的移动没有生效。")
    return await publishing.reschedule(
        session, post, by, datetime.combine(day, post.at.astimezone(zone).time(), zone)
    )


def require_reschedulable(post: Post, by: Person) -> None:
    """Raises Forbidden, or NotPossible where the post waits for no time any more."""
    require(by, Act.PUBLISH)
    publishing.require_planned(post)


async def _held(session: AsyncSession, post_id: str, by: Person) -> Post:
    """The post, and its item held: nobody sets an embargo meanwhile."""
    post = await get_post(session, post_id, by)
    require_reschedulable(post, by)
    await publishing.hold_planned(session, post.item_id)
    await hold_item(session, post.item_id, by)
    return post
