"""An edition is composed from approved items and planned, taken back or given up: what a publisher does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.queries import get_account
from outreach.channels.rules import can_publish
from outreach.foundation import clock, office_settings
from outreach.foundation.dates import day as told_day
from outreach.foundation.problems import NotFound, NotPossible, invalid
from outreach.items.model import Item
from outreach.items.queries import get_item, hold_item
from outreach.office.context import Office
from outreach.office.rendition_sources import source_of
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.publishing import service as publishing
from outreach.publishing.editions.model import Edition
from outreach.publishing.editions.queries import articles_of, get_edition, pushed_on
from outreach.publishing.editions.quota import earliest_day
from outreach.publishing.editions.service import composing, states
from outreach.publishing.editions.service.composing import Rendered
from outreach.publishing.renditions.rendering import render
from outreach.publishing.renditions.source import Source
from outreach.publishing.renditions.stored import to_json


async def create_edition(office: Office, by: Person, account_id: str, item_ids: Sequence[str]) -> Edition:
    """A new edition on the account with these items in this order; none yet is well.

    Raises Forbidden, NotPossible, InvalidContent.
    """
    require(by, Act.PUBLISH)
    composing.require_composition(item_ids)
    async with office.db.read() as session:
        account = await _pushing_account(session, account_id)
    rendered = await _render(office, account, by, item_ids)
    async with office.db.begin() as session:
        edition = await composing.begin_edition(session, account, by)
        if not item_ids:
            return edition
        return await composing.compose(session, edition, by, item_ids, await _held(session, by, rendered))


async def compose_edition(
    office: Office, edition_id: str, by: Person, item_ids: Sequence[str], *, version: int | None
) -> Edition:
    """The edition carries these items in this order from now on, the head article first; what is not among them is
    free again. Renditions of new ones are drawn outside of the writing transaction and frozen.

    Raises NotFound, Forbidden, NotPossible, StaleVersion, InvalidContent.
    """
    async with office.db.read() as session:
        edition = await get_edition(session, edition_id, by)
        require_composable(edition, by)
        composing.require_composition(item_ids)
        present = {post.item_id for post in await articles_of(session, edition.id)}
        account = edition.account
    new = [one for one in item_ids if one not in present]
    rendered = await _render(office, account, by, new)
    async with office.db.begin() as session:
        edition = await composing.hold_edition(session, edition_id)
        composing.require_composing(edition)
        composing.require_version(edition, version)
        return await composing.compose(session, edition, by, item_ids, await _held(session, by, rendered))


def require_composable(edition: Edition, by: Person) -> None:
    """Raises Forbidden, or NotPossible where it is no longer composed."""
    require(by, Act.PUBLISH)
    composing.require_composing(edition)


async def plan_push(
    session: AsyncSession, edition_id: str, by: Person, at: datetime | None, *, version: int | None
) -> Edition:
    """The edition is pushed at `at`, or as soon as may be.

    Raises NotFound, Forbidden, NotPossible, StaleVersion, and InvalidContent where the time is past or the account
    has no push left on that day: with the earliest day that has one.
    """
    await get_edition(session, edition_id, by)
    require(by, Act.PUBLISH)
    edition = await composing.hold_edition(session, edition_id)
    composing.require_composing(edition)
    composing.require_version(edition, version)
    articles = await articles_of(session, edition_id)
    if not articles:
        raise NotPossible("推送里还没有文章。请先从下面加入 1 至 8 篇。")
    _require_able(edition.account)
    for post in articles:
        await publishing.check_time(session, post.item, at)
    await states.hold_account(session, edition.account_id)
    await _require_quota(session, edition, at)
    return await states.plan(session, edition, by, at)


async def recompose(session: AsyncSession, edition_id: str, by: Person) -> Edition:
    """Back to be composed: not yet pushed, or failed. Raises NotFound, Forbidden, NotPossible, StaleState."""
    return await states.recompose(session, await _own(session, edition_id, by), by)


async def cancel_edition(session: AsyncSession, edition_id: str, by: Person) -> Edition:
    """It won't be pushed, and its items are free. Raises NotFound, Forbidden, NotPossible, StaleState."""
    return await states.cancel(session, await _own(session, edition_id, by), by)


async def _own(session: AsyncSession, edition_id: str, by: Person) -> Edition:
    await get_edition(session, edition_id, by)
    require(by, Act.PUBLISH)
    return await composing.hold_edition(session, edition_id)


async def _render(
    office: Office, account: Account, by: Person, item_ids: Sequence[str]
) -> Mapping[str, Rendered]:
    sources: dict[str, tuple[int, Source]] = {}
    async with office.db.read() as session:
        settings = await office_settings.load(session)
        for item_id in item_ids:
            item = await _item(session, item_id, by)
            await composing.require_free(session, account, item)
            source = await source_of(session, item, settings, office.settings.public_url, account)
            sources[item_id] = (item.revision, source)
    return {
        item_id: Rendered(revision, to_json(await render(source, account.channel, office.media)))
        for item_id, (revision, source) in sources.items()
    }


async def _item(session: AsyncSession, item_id: str, by: Person) -> Item:
    try:
        return await get_item(session, item_id, by)
    except NotFound as problem:
        raise invalid("items", problem.detail) from problem


async def _held(
    session: AsyncSession, by: Person, rendered: Mapping[str, Rendered]
) -> dict[str, tuple[Item, Rendered]]:
    """The items, each held until the transaction ends, in the order of their ids."""
    return {
        item_id: (await hold_item(session, item_id, by), rendered[item_id]) for item_id in sorted(rendered)
    }


async def _pushing_account(session: AsyncSession, account_id: str) -> Account:
    try:
        account = await get_account(session, account_id)
    except NotFound as problem:
        raise invalid("account", problem.detail) from problem
    try:
        _require_able(account)
    except NotPossible as problem:
        raise invalid("account", problem.detail) from problem
    return account


def _require_able(account: Account) -> None:
    if account.channel is not ChannelName.WECHAT:
        raise NotPossible("只有微信公众号可以群发多图文。")
    if not account.active:
        raise NotPossible(f"账号“{account.name}”已停用。")
    if not can_publish(account):
        raise NotPossible(f"账号“{account.name}”未认证，不能通过接口群发。请选择已认证的公众号。")


async def _require_quota(session: AsyncSession, edition: Edition, at: datetime | None) -> None:
    """Raises InvalidContent naming the earliest day with a push left."""
    type_ = edition.account.type or AccountType.SUBSCRIPTION
    wanted = (at or clock.now()).astimezone(clock.SHANGHAI).date()
    earliest = earliest_day(type_, await pushed_on(session, edition.account_id, but=edition.id), wanted)
    if earliest != wanted:
        raise invalid("at", _quota_told(edition.account, wanted, earliest))


def _quota_told(account: Account, wanted: date, earliest: date) -> str:
    """Why not on that day, and when at the earliest."""
    limit = (
        f"服务号每月只能群发 4 次，“{account.name}”{wanted.month}月的次数已排满。"
        if account.type is AccountType.SERVICE
        else f"订阅号每天只能群发 1 次，“{account.name}”在{wanted.month}月{wanted.day}日已有一次。"
    )
    return f"{limit}最早可以排在{told_day(earliest, clock.SHANGHAI)}。"
