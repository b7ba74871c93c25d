"""The section's own decision on an emergency that went on without it, and what comes of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotPossible
from outreach.items.model import Item, Stage
from outreach.items.queries import get_item, hold_item
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.model import PostState
from outreach.review import service as review
from outreach.review.emergency_rules import STILL_OWES
from outreach.review.model import DecisionKind, SectionReview
from outreach.review.queries import emergency_of
from outreach.review.service import Verdict
from outreach.statistics import service as statistics


async def decide_afterwards(
    session: AsyncSession, item_id: str, by: Person, verdict: Verdict, *, revision: int, zone: ZoneInfo
) -> Item:
    """Records it (事后补审). An objection cancels what is only planned; where nothing is out it stops the item, else it
    proposes the withdrawal. See `review.service.decide_afterwards`."""
    await get_item(session, item_id, by)
    await publishing.hold_planned(session, item_id)
    item = await hold_item(session, item_id, by)
    await review.require_may_decide_afterwards(session, item, by)
    posts = list((await publishing.live_posts(session, item.id)).values())
    planned = [post for post in posts if post.state is PostState.PLANNED and not post.tries]
    await statistics.begin_counting(session)
    await review.decide_afterwards(
        session, item, by, verdict, revision=revision, is_out=len(posts) > len(planned)
    )
    await statistics.count_decision(session, item.id, revision, Stage.SECTION, zone)
    if verdict.kind is DecisionKind.RETURN:
        for post in planned:
            await publishing.cancel_post(session, post, by)
    return item


async def keep_public(session: AsyncSession, item_id: str, by: Person, reason: str, *, revision: int) -> Item:
    """维持公开; see `review.service.keep_public`."""
    item = await hold_item(session, item_id, by)
    await review.keep_public(session, item, by, reason, revision=revision)
    return item


async def remind_section(session: AsyncSession, item_id: str, by: Person) -> Item:
    """Asks the section for the decision that it owes: once a day. Raises NotFound, Forbidden, NotPossible."""
    item = await hold_item(session, item_id, by)
    require(by, Act.WRITE_ITEMS)
    emergency = await emergency_of(session, item)
    is_owed = emergency is not None and emergency.section_review is SectionReview.OWED
    if not is_owed or item.state not in STILL_OWES:
        raise NotPossible("这条信息没有等待科室补审。")
    await review.remind(session, item, by, stage=Stage.SECTION)
    return item
