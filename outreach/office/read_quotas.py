"""The platforms are asked once in a while for their own count of our calls, and where ours says that none is left."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from outreach.channels import budgets, service
from outreach.channels.budget_rules import budgets_of
from outreach.channels.model import Account
from outreach.channels.protocol import ChannelError
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.context import Office
from outreach.publishing import service as publishing

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 10  # a platform that is silent holds up the others' readings, and the sweep, for one call


async def read_quotas(office: Office) -> int:
    """Reads limits and counts of the accounts for which that is due; of how many. Safe to run at the same time: one
    of the callers reads an account. What waits for a budget then tries again."""
    async with office.db.read() as session:
        due = await budgets.readings_due(session)
    read: list[Account] = []
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def read_one(account: Account) -> None:
        async with at_once:
            if await _read(office, account):
                read.append(account)

    await run_all(read_one(account) for account in due)
    return len(read)


async def _read(office: Office, account: Account) -> bool:
    async with office.db.begin() as session:
        if not await budgets.claim_reading(session, account):
            return False
    known = {budget.name: budget for budget in budgets_of(account.channel, account.type)}
    try:
        told = await (await office.channels.of(account)).quotas(known)
    except (ChannelError, WrongKey) as error:
        # Whatever is wrong is told where it matters: by the next delivery, or a check.
        log.info("quotas_not_read", account=account.id, reason=str(error))
        return False
    async with office.db.begin() as session:
        await publishing.try_spent_again(session, account.id)
        await service.learn_authorised_until(session, office.sealer, account)
        await budgets.learn(session, account.id, {known[name]: quota for name, quota in told.items()})
    return True
