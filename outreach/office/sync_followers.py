"""The followers of an account are fetched from WeChat: the list, then since when those follow of whom it is not known."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import budgets
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand
from outreach.channels.protocol import ChannelError, NeedsOperator, QuotaSpent, Refused
from outreach.channels.queries import get_account
from outreach.followers.syncing import service as syncing
from outreach.followers.syncing.service import RETRY, Step
from outreach.foundation import clock
from outreach.foundation.audit import Actor
from outreach.foundation.seal import WrongKey
from outreach.office.context import Office

log = structlog.get_logger(__name__)


async def begin_sync(session: AsyncSession, by: Actor, account_id: str) -> None:
    """Has the followers of the account fetched. Raises NotFound, NotPossible."""
    await syncing.begin(session, by, await get_account(session, account_id))


async def stop_sync(session: AsyncSession, by: Actor, account_id: str) -> None:
    """Stops it; what was fetched stays. Raises NotPossible."""
    await syncing.stop(session, by, account_id)


async def take_step(office: Office, *, worker: str) -> bool:
    """Takes one step of a synchronisation that is due; False where none is. Safe to run twice and at the same time:
    a step that is taken twice changes nothing the second time."""
    async with office.db.begin() as session:
        step = await syncing.claim_step(session, worker=worker)
        if step is None:
            return False
        wanted = Use.FOLLOWER_DETAILS if step.is_listed else Use.FOLLOWER_LIST
        needs_call = not step.is_listed or bool(step.openids)
        (grant,) = await budgets.take(
            session, [Demand(step.account.id, step.account.channel, wanted, int(needs_call))]
        )
        if needs_call and not grant.number:
            wait = grant.opens_at - clock.now() if grant.opens_at else RETRY
            await syncing.put_off(session, step, grant.reason, wait)
            return True
    try:
        await _take(office, step)
    except (ChannelError, WrongKey) as error:
        await _put_off(office, step, error)
    return True


async def _take(office: Office, step: Step) -> None:
    channel = await office.channels.followers_of(step.account)
    if not step.is_listed:
        page = await channel.list_followers(step.after)
        async with office.db.begin() as session:
            await syncing.keep_page(session, step, page)
        return
    details = await channel.details(step.openids) if step.openids else []
    async with office.db.begin() as session:
        await syncing.keep_details(session, step, details)


async def _put_off(office: Office, step: Step, error: ChannelError | WrongKey) -> None:
    """What only a person can mend ends it; all else is tried again."""
    told = error.message if isinstance(error, ChannelError) else error.detail
    if isinstance(error, WrongKey | NeedsOperator | Refused):
        wait = None
    elif isinstance(error, QuotaSpent) and error.retry_after_s is not None:
        wait = timedelta(seconds=error.retry_after_s)
    else:
        wait = RETRY
    log.info("sync_put_off", account=step.account.id, code=error.code)
    async with office.db.begin() as session:
        await syncing.put_off(session, step, told, wait)
