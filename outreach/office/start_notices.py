"""Notices that are due start: what is told is put into words, who hears of it is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.budget_rules import Window, begin_of
from outreach.channels.model import Account
from outreach.channels.notice_protocol import NoticeCall
from outreach.followers.notices.model import Notice, NoticeTemplate, Occasion
from outreach.followers.notices.queries import events_of, templates_of
from outreach.followers.notices.rules import NoticeAction, calls_of, digest_hour_of, first_moment
from outreach.followers.notices.service import starting
from outreach.followers.notices.service.audience import (
    MOST_TOLD_APART,
    Part,
    Wanted,
    parts_of,
    times_told,
    without,
)
from outreach.followers.notices.service.states import move
from outreach.followers.notices.words import DIGEST, Told, told_of, told_of_several, words_of
from outreach.followers.topics.facts import facts_of
from outreach.followers.topics.queries import matching_topics, region
from outreach.foundation import clock, office_settings
from outreach.foundation.office_settings import OfficeSettings
from outreach.foundation.problems import InvalidContent
from outreach.items.model import Item, ItemState
from outreach.items.service import snapshot_of
from outreach.office.context import Office
from outreach.office.rendition_sources import public_address
from outreach.publishing.time_rules import quiet_hours
from outreach.statistics.service import count_notice

_QUIET: Final = "通知静默时段，到时自动开始。"
_NOT_PUBLIC: Final = "信息已不再公开，没有通知。"
_NOTHING_NEW: Final = "没有新的信息。"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is told, variant by variant, by each call; and who hears which of them."""

    words: Sequence[Mapping[str, Any]]
    parts: Sequence[tuple[int, Part]]


async def start_due(office: Office) -> int:
    """Starts the notices that are due; of how many it was the turn. Safe to run twice and at the same time."""
    number = 0
    while True:
        async with office.db.begin() as session:
            notice = await starting.take_due(session)
            if notice is None:
                return number
            await _start(office, session, notice)
        number += 1


async def _start(office: Office, session: AsyncSession, notice: Notice) -> None:
    settings, now = await office_settings.load(session), clock.now()
    quiet = quiet_hours(settings.notices_quiet_from, settings.notices_quiet_until)
    moment = first_moment(now, quiet, notice.occasion)
    if moment > now:
        await starting.put_off(session, notice, moment, _QUIET)
        return
    account = await session.get_one(Account, notice.account_id)
    try:
        plan = await _plan(office, session, notice, account, settings)
    except InvalidContent as problem:
        await _cancel(session, notice, " ".join([problem.detail, *(one.message for one in problem.errors)]))
        return
    if plan is None:
        await _cancel(session, notice, _NOTHING_NEW if notice.occasion is Occasion.DIGEST else _NOT_PUBLIC)
        return
    parts = await _spared(session, notice, plan.parts, settings.notices_a_day, now)
    held_back = sum(part.size for _, part in plan.parts) - sum(part.size for _, part in parts)
    await starting.start(session, notice, plan.words, parts, held_back)
    await count_notice(session, notice.account_id, notice.occasion, now, office.settings.zone)


async def _spared(
    session: AsyncSession, notice: Notice, parts: Sequence[tuple[int, Part]], most: int, now: datetime
) -> Sequence[tuple[int, Part]]:
    """Without those who have had their number for the day; a warning reaches them too. Nobody else of the account starts
    at the same time: the count would be of before."""
    await starting.hold_account(session, notice.account_id)
    if notice.is_urgent:
        return parts
    times = await times_told(session, notice.account_id, begin_of(Window.DAY, now), most)
    return parts if times is None else [(variant, without(part, times, most)) for variant, part in parts]


async def _plan(
    office: Office, session: AsyncSession, notice: Notice, account: Account, settings: OfficeSettings
) -> _Plan | None:
    """What is told to whom; None where there is nothing (any more). Raises InvalidContent."""
    if notice.occasion is Occasion.DIGEST:
        return await _digest(office, session, notice, account, settings)
    item = await session.get_one(Item, notice.item_id)
    if item.state is not ItemState.PUBLISHED or item.public_end_reason is not None:
        return None
    told = told_of(item, notice.occasion, settings.bureau, _address(office, item))
    topics = await _topics(session, account, item)
    templates = await templates_of(session, account.id, told.use)
    wanted = _wanted(account, topics, templates, is_urgent=notice.is_urgent)
    parts = await parts_of(session, wanted, clock.now())
    return _Plan([_words(told, wanted.calls, templates)], [(0, part) for part in parts])


async def _digest(
    office: Office, session: AsyncSession, notice: Notice, account: Account, settings: OfficeSettings
) -> _Plan | None:
    """What came out in the last day, to those who want everything at this hour: each hears of what they subscribed to.
    The newest come first, and of more than a digest can tell apart the oldest are left out."""
    hour = digest_hour_of(notice.event)
    items: dict[str, Item] = {}
    items_of: dict[str, list[str]] = {}
    for item in await events_of(session, account.id, hour - _DAY, hour):
        topics = await _topics(session, account, item)
        if len(items_of.keys() | set(topics)) > MOST_TOLD_APART:
            break
        items[item.id] = item
        for topic in topics:
            items_of.setdefault(topic, []).append(item.id)
    if not items_of:
        return None
    templates = await templates_of(session, account.id, DIGEST)
    wanted = _wanted(account, list(items_of), templates, digest_hour=hour.hour)
    variants: dict[tuple[str, ...], int] = {}
    parts = []
    for part in await parts_of(session, wanted, clock.now()):
        wants = {
            one for bit, topic in enumerate(items_of) if part.wants >> bit & 1 for one in items_of[topic]
        }
        chosen = tuple(one for one in items if one in wants)
        parts.append((variants.setdefault(chosen, len(variants)), part))
    words = []
    for chosen in variants:
        titles = [items[one].title for one in chosen]
        told = told_of_several(titles, settings.bureau, _address(office, items[chosen[0]]))
        words.append(_words(told, wanted.calls, templates))
    return _Plan(words, parts)


async def _topics(session: AsyncSession, account: Account, item: Item) -> Sequence[str]:
    facts = facts_of(snapshot_of(item), await region(session))
    return await matching_topics(session, account.id, facts)


def _wanted(
    account: Account,
    topics: Sequence[str],
    templates: Mapping[NoticeCall, NoticeTemplate],
    *,
    is_urgent: bool = False,
    digest_hour: int | None = None,
) -> Wanted:
    ids = {call: template.template_id for call, template in templates.items()}
    return Wanted(account.id, topics, calls_of(account, templates.keys()), ids, is_urgent, digest_hour)


def _words(
    told: Told, calls: Sequence[NoticeCall], templates: Mapping[NoticeCall, NoticeTemplate]
) -> dict[str, Any]:
    """By each call, as it is stored. Raises InvalidContent."""
    return {call.value: asdict(words_of(told, templates.get(call))) for call in calls}


async def _cancel(session: AsyncSession, notice: Notice, reason: str) -> None:
    await move(session, notice, NoticeAction.CANCEL, stopped_because=reason)


def _address(office: Office, item: Item) -> str:
    return public_address(item.public_id, office.settings.public_url.rstrip("/"))
