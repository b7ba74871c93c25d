"""The platforms are asked once in a while for their own count of our calls."""

from __future__ import annotations

import structlog

from outreach.channels import budgets
from outreach.channels.budget_rules import Budget, budgets_of
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import ChannelError, MeteredChannel
from outreach.foundation.seal import WrongKey
from outreach.office.context import Office

log = structlog.get_logger(__name__)

METERED = frozenset({ChannelName.WECHAT})
"""The platforms that tell it."""


async def read_quotas(office: Office) -> int:
    """Reads limits and counts of the accounts for which that is due; of how many. Safe to run at the same time: one
    of the callers reads an account."""
    async with office.db.read() as session:
        due = await budgets.readings_due(session, METERED)
    return sum([await _read(office, account) for account in due])


async def _read(office: Office, account: Account) -> bool:
    async with office.db.begin() as session:
        if not await budgets.claim_reading(session, account.id):
            return False
    try:
        told = await _ask(office, account)
    except (ChannelError, WrongKey) as error:
        # Whatever is wrong is told where it matters: by the next delivery, or a check.
        log.info("quotas_not_read", account=account.id, reason=str(error))
        return False
    async with office.db.begin() as session:
        await budgets.learn(session, account.id, told)
    return True


async def _ask(office: Office, account: Account) -> dict[Budget, tuple[int, int]]:
    channel = await office.channels.of(account)
    if not isinstance(channel, MeteredChannel):
        raise TypeError("this platform tells nothing of its limits")
    found: dict[Budget, tuple[int, int]] = {}
    for budget in budgets_of(account.channel, account.type):
        if budget.is_path and (quota := await channel.quota(budget.name)) is not None:
            found[budget] = (quota.daily_limit, quota.used)
    return found
