"""Once a day, after eight in the morning, WeChat is asked how often articles were read and how many follow.

What was published within thirty days is asked about each day anew: the platform counts on, and corrects what it told
before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Final

import structlog

from outreach.channels import budgets
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand
from outreach.channels.figures_protocol import ArticleFigures, FiguresChannel
from outreach.channels.protocol import ChannelError, NeedsOperator, NotSent, QuotaSpent, Refused
from outreach.foundation.seal import WrongKey
from outreach.office.context import Office
from outreach.statistics.reads import service as reads
from outreach.statistics.reads.queries import days_with_articles
from outreach.statistics.reads.service import FetchHold

log = structlog.get_logger(__name__)

FOLLOWED: Final = timedelta(days=30)
_OLD_FOLLOWED: Final = timedelta(days=7)
FIRST_NEW_DAY: Final = date(2025, 11, 1)
"""getarticletotaldetail knows nothing of what was published before."""
_NOT_READY: Final = timedelta(minutes=30)
_RETRY: Final = timedelta(minutes=5)
_CODE_NOT_READY: Final = frozenset({"61503", "is_delay"})


async def fetch_figures(office: Office, *, worker: str) -> bool:
    """Fetches the figures of an account for which it is time; False where there is none. Safe to run twice and at the
    same time: what is told twice is kept once."""
    async with office.db.begin() as session:
        hold = await reads.claim_fetch(session, worker=worker)
    if hold is None:
        return False
    try:
        await _fetch(office, hold)
    except (ChannelError, WrongKey) as error:
        told = error.message if isinstance(error, ChannelError) else error.detail
        log.info("figures_not_fetched", account=hold.account.id, code=error.code)
        await _end(office, hold, told, _again_after(error))
    else:
        await _end(office, hold, None, None)
    return True


async def _fetch(office: Office, hold: FetchHold) -> None:
    async with office.db.read() as session:
        days = await days_with_articles(session, hold.account.id, hold.today - FOLLOWED)
    channel = await office.channels.figures_of(hold.account)
    await _take_calls(office, hold, len(days))
    for day in days:
        if hold.today - day <= _OLD_FOLLOWED:
            await _fetch_mass_messages(office, hold, channel, day)
        if day >= FIRST_NEW_DAY:
            await _keep(office, hold, channel.articles_of, day)
    last = hold.today - timedelta(days=1)
    told = await channel.followers(last - timedelta(days=6), last)
    async with office.db.begin() as session:
        await reads.keep_follower_figures(session, hold.account.id, told)


async def _fetch_mass_messages(office: Office, hold: FetchHold, channel: FiguresChannel, day: date) -> None:
    """The platform no longer maintains this call: where it refuses it, the newer one has to do."""
    try:
        await _keep(office, hold, channel.mass_messages_of, day)
    except (NeedsOperator, Refused) as error:
        log.info("old_figures_refused", account=hold.account.id, code=error.code)


async def _keep(
    office: Office,
    hold: FetchHold,
    ask: Callable[[date], Awaitable[Sequence[ArticleFigures]]],
    day: date,
) -> None:
    told = await ask(day)
    async with office.db.begin() as session:
        await reads.keep_article_figures(session, hold.account.id, told)


async def _take_calls(office: Office, hold: FetchHold, number: int) -> None:
    """Raises QuotaSpent where there are not as many."""
    demand = Demand(hold.account.id, hold.account.channel, Use.FIGURES, number)
    async with office.db.begin() as session:
        (grant,) = await budgets.take(session, [demand])
    if grant.number < number:
        raise QuotaSpent(grant.reason, code="budget")


def _again_after(error: ChannelError | WrongKey) -> timedelta | None:
    """None: not before tomorrow, since only a person can mend it."""
    if isinstance(error, NotSent) and error.code in _CODE_NOT_READY:
        return _NOT_READY
    if isinstance(error, WrongKey | NeedsOperator | Refused):
        return None
    if isinstance(error, QuotaSpent) and error.retry_after_s is not None:
        return timedelta(seconds=error.retry_after_s)
    return _RETRY


async def _end(office: Office, hold: FetchHold, problem: str | None, again_after: timedelta | None) -> None:
    async with office.db.begin() as session:
        await reads.end_fetch(session, hold, problem, again_after)
