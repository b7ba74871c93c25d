"""A notice is planned in the transaction in which what it tells of happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.followers.model import Topic
from outreach.followers.notices.facts import is_warning, starts_at
from outreach.followers.notices.model import Notice, NoticeState, Occasion
from outreach.followers.notices.rules import digest_event, eve_of, first_moment
from outreach.foundation import clock, office_settings
from outreach.foundation.audit import Entry
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.foundation.office_settings import OfficeSettings
from outreach.items.model import Item, Kind
from outreach.publishing.time_rules import quiet_hours

_LISTENED: Final = (
    select(Topic.kind, Topic.account_id)
    .join(Account, Account.id == Topic.account_id)
    .where(Account.active)
    .distinct()
    .order_by(Topic.account_id)
)


async def plan_for_items(session: AsyncSession, item_ids: Collection[str]) -> list[Entry]:
    """Plans what the followers of each account hear of items that have just come out: one notice an item, however often
    it comes out, and one on the eve of an event. What is to be written into the audit log of it."""
    listened = await _accounts_by_kind(session) if item_ids else {}
    if not listened:
        return []
    settings, now = await office_settings.load(session), clock.now()
    items = await session.scalars(select(Item).where(Item.id.in_(item_ids)).order_by(Item.id))
    rows = [
        row
        for item in items.unique()
        for account_id in listened.get(item.kind, ())
        for row in _rows(item, account_id, settings, now)
    ]
    return [_entry(row) for row in rows if await _insert(session, row)]


async def plan_digest(session: AsyncSession, account_id: str, hour: datetime, title: str) -> Entry | None:
    """Plans what those hear who want everything at that hour (aware); None where it was planned before."""
    row = _row(account_id, digest_event(hour), Occasion.DIGEST, None, title, hour)
    return _entry(row) if await _insert(session, row) else None


async def _accounts_by_kind(session: AsyncSession) -> Mapping[Kind, list[str]]:
    """The accounts in use that have topics of each kind."""
    found: defaultdict[Kind, list[str]] = defaultdict(list)
    for kind, account_id in await session.execute(_LISTENED):
        found[kind].append(account_id)
    return found


def _rows(item: Item, account_id: str, settings: OfficeSettings, now: datetime) -> Iterable[dict[str, Any]]:
    occasion = Occasion.WARNING if is_warning(item) else Occasion.PUBLICATION
    quiet = quiet_hours(settings.notices_quiet_from, settings.notices_quiet_until)
    due_at = first_moment(now, quiet, occasion)
    yield _row(account_id, f"item:{item.id}", occasion, item.id, item.title, due_at)
    begins = starts_at(item)
    eve = eve_of(begins, settings.eve_hour) if begins else None
    if eve is not None and eve > now:
        due_at = first_moment(eve, quiet, Occasion.EVE)
        yield _row(account_id, f"eve:{item.id}", Occasion.EVE, item.id, item.title, due_at)


def _row(
    account_id: str, event: str, occasion: Occasion, item_id: str | None, title: str, due_at: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "account_id": account_id,
        "event": event,
        "occasion": occasion,
        "item_id": item_id,
        "title": title,
        "state": NoticeState.PLANNED,
        "due_at": due_at,
        "tries": 0,
        "words": [],
        "audience": 0,
        "held_back": 0,
        "without_call": 0,
        "planned_at": clock.now(),
        "speed_done": 0,
    }


async def _insert(session: AsyncSession, row: Mapping[str, Any]) -> bool:
    """Whether it is new."""
    query = insert_into(session, Notice).values(row).on_conflict_do_nothing().returning(Notice.id)
    return (await session.scalars(query)).first() is not None


def _entry(row: Mapping[str, Any]) -> Entry:
    told = {"account": row["account_id"], "event": row["event"], "at": row["due_at"].isoformat()}
    return Entry("notice.plan", "notice", row["id"], told)
