"""Whoever keeps an account in mind is told before it fails, once of each level."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.audit import SERVICE
from outreach.foundation.database import insert_into
from outreach.foundation.mail import queue_mail
from outreach.people.contacts import Purpose, contacts_for
from outreach.statistics.indicators.model import IndicatorWarning
from outreach.statistics.indicators.queries import AccountStanding, standings, to_warn_of

Words = Callable[[AccountStanding], tuple[str, str]]
"""Subject and text of the mail about an account."""


async def warn(session: AsyncSession, now: datetime, zone: ZoneInfo, words: Words) -> list[AccountStanding]:
    """Notes of each account the level that it has reached and nobody was told of yet, and writes the mails in the same
    transaction; of which accounts that was. Safe at the same time: a level is one row."""
    told = []
    for one in to_warn_of(await standings(session, now, zone)):
        to = await contacts_for(session, Purpose.SELF_CHECK)
        insert = insert_into(session, IndicatorWarning).values(
            account_id=one.account.id,
            since=one.freshness.since,
            level=one.freshness.level,
            told_at=now,
            mails=len(to),
        )
        noted = insert.on_conflict_do_nothing().returning(IndicatorWarning.account_id)
        if await session.scalar(noted) is None:
            continue
        await queue_mail(session, to, *words(one))
        await audit.record(
            session, SERVICE, "indicator.warn", "account", one.account.id,
            level=one.freshness.level, since=one.freshness.since, mails=len(to),
        )  # fmt: skip
        told.append(one)
    return told
