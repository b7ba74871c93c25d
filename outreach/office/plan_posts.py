"""A publisher plans an approved item onto accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.channels.queries import get_account
from outreach.foundation import clock, office_settings
from outreach.foundation.problems import FieldError, InvalidContent, NotFound, NotPossible, invalid
from outreach.items.model import Item, ItemState
from outreach.items.queries import get_item, hold_item
from outreach.items.rules import place_label
from outreach.office.context import Office
from outreach.office.rendition_sources import source_of
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.renditions.rendering import render
from outreach.publishing.renditions.source import Source
from outreach.publishing.renditions.stored import to_json
from outreach.review.model import SectionReview
from outreach.review.queries import emergency_of


async def plan_posts(
    office: Office, item_id: str, by: Person, account_ids: Sequence[str], at: datetime | None
) -> tuple[list[Post], bool]:
    """The item's posts on these accounts, and whether any is new. Without `at`: as soon as may be.

    Renditions are drawn outside of the writing transaction and frozen in the post; the plan is refused
    where the item changed meanwhile. Raises NotFound, Forbidden, NotPossible, InvalidContent.
    """
    async with office.db.read() as session:
        item = await get_item(session, item_id, by)
        require_plannable(item, by)
        _require_before_its_day(item, at)
        accounts = [await _account(session, one) for one in dict.fromkeys(account_ids)]
        if not accounts:
            told = "请至少选择一个账号。"
            raise InvalidContent(told, errors=[FieldError("accounts", told)])
        settings = await office_settings.load(session)
        public_url = office.settings.public_url
        sources = [await source_of(session, item, settings, public_url, account) for account in accounts]
    renditions = {
        account.id: await _rendition(office, account, source)
        for account, source in zip(accounts, sources, strict=True)
    }
    async with office.db.begin() as session:
        present: Item = await hold_item(session, item_id, by)
        await _require_not_objected_to(session, present)
        return await publishing.plan_posts(session, present, by, renditions, revision=item.revision, at=at)


def require_plannable(item: Item, by: Person) -> None:
    """Raises Forbidden, or NotPossible where the item has not been approved."""
    require(by, Act.PUBLISH)
    if item.state not in {ItemState.APPROVED, ItemState.PUBLISHED}:
        told = place_label((item.state, item.stage))
        raise NotPossible(f"信息当前为“{told}”，审核全部通过后才能安排发布。")
    if item.public_end_reason is not None:
        raise NotPossible("这条信息正在撤回，不能再安排发布。")


def _require_before_its_day(item: Item, at: datetime | None) -> None:
    """A penalty that would be withdrawn as soon as it is out does not go out."""
    day = (at or clock.now()).astimezone(clock.SHANGHAI).date()
    if item.withdraw_on is not None and day >= item.withdraw_on:
        told = f"这条信息到{item.withdraw_on.isoformat()}即应撤回，届时不能再发布。"
        raise NotPossible(told) if at is None else invalid("at", told)


async def _require_not_objected_to(session: AsyncSession, item: Item) -> None:
    """What the section wants withdrawn goes nowhere else. Raises NotPossible."""
    emergency = await emergency_of(session, item)
    if emergency is not None and emergency.section_review is SectionReview.WITHDRAWAL_PROPOSED:
        raise NotPossible("科室补审退回了这条应急发布，建议撤回，不能再安排发布。")


async def _account(session: AsyncSession, account_id: str) -> Account:
    try:
        account = await get_account(session, account_id)
    except NotFound as problem:
        raise InvalidContent(problem.detail, errors=[FieldError("accounts", problem.detail)]) from problem
    if not account.active:
        told = f"账号“{account.name}”已停用。"
        raise InvalidContent(told, errors=[FieldError("accounts", told)])
    return account


async def _rendition(office: Office, account: Account, source: Source) -> dict[str, Any]:
    return to_json(await render(source, account.channel, office.media))
