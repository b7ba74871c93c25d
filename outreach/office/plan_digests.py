"""Whoever wants everything at once hears it at their hour."""

from __future__ import annotations

from outreach.channels.model import Account
from outreach.followers.notices.queries import digests_due, has_events
from outreach.followers.notices.service.planning import plan_digest
from outreach.foundation import audit, clock
from outreach.foundation.audit import SERVICE
from outreach.office.context import Office


async def plan_digests(office: Office) -> int:
    """Plans the digests of the present hour (Asia/Shanghai); how many. Safe to run twice and at the same time."""
    hour = clock.now().astimezone(clock.SHANGHAI).replace(minute=0, second=0, microsecond=0)
    async with office.db.read() as session:
        due = [one for one in await digests_due(session, hour) if await has_events(session, one, hour)]
    for account_id in due:
        async with office.db.begin() as session:
            account = await session.get_one(Account, account_id)
            entry = await plan_digest(session, account.id, hour, f"{hour:%H}:00 汇总")
            if entry is not None:
                await audit.record_all(session, SERVICE, [entry])
    return len(due)
