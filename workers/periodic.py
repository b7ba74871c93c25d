"""The queue `periodic`: once a second, whatever was lost or left is found again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from outreach.followers.conversations import queries as conversations
from outreach.followers.notices.queries import is_any_to_finish, is_any_to_start
from outreach.followers.notices.service.chunks import count_claimable
from outreach.followers.queries import is_any_sync_due
from outreach.foundation import clock, mail, smtp
from outreach.office import send_mail as mailing
from outreach.office import settle_editions, settle_posts, withdraw_posts
from outreach.office.deliveries import BATCH
from outreach.office.drop_ended_articles import drop_ended_articles
from outreach.office.duties import read_duties
from outreach.office.end_surveys import end_surveys_over
from outreach.office.forget_followers import forget
from outreach.office.plan_digests import plan_digests
from outreach.office.read_quotas import read_quotas
from outreach.office.seal_item import stop_posts_of_sealed
from outreach.office.warn_of_indicators import warn_of_indicators
from outreach.publishing.editions import queries as editions
from outreach.publishing.queries import is_any_withdrawal_due, next_due
from outreach.statistics.reads.service import is_any_fetch_due
from workers.context import Context, job
from workers.notify import JOBS_AT_ONCE as NOTIFIERS_AT_ONCE
from workers.publish import JOBS_AT_ONCE

LOOK_AHEAD: Final = timedelta(seconds=3)
_SLOT_S: Final = 0.05


@job
async def sweep(ctx: Context) -> None:
    """Settles what a dead worker left and what was lost, asks for silent results, withdraws what has reached its day,
    stops posts of sealed items that came out meanwhile, and has what is or will be due delivered or taken down at its
    time. Needs nothing of Redis to have survived."""
    office, worker = ctx["office"], ctx["worker"]
    await read_quotas(office)
    async with office.db.read() as session:
        duties = await read_duties(session)
    if duties.expired_posts:
        await settle_posts.take_over_expired(office, worker=worker)
    if duties.lost_posts:
        await settle_posts.look_for_lost(office, worker=worker, limit=BATCH)
    if duties.silent_posts:
        await settle_posts.ask_results(office, worker=worker, limit=BATCH)
    if duties.editions:
        await settle_editions.settle(office, worker=worker)
    await withdraw_posts.withdraw_due(office, limit=BATCH)
    await stop_posts_of_sealed(office)
    await drop_ended_articles(office)
    await _wake_notifiers(ctx)
    await forget(office)
    now = clock.now()
    async with office.db.read() as session:
        due = await next_due(session, now, now + LOOK_AHEAD)
        due += [(moment, 1) for moment in await editions.next_due(session, now + LOOK_AHEAD)]
        withdraws = await is_any_withdrawal_due(session, now)
        waiting_since = await conversations.oldest_waiting(session)
        syncs = await is_any_sync_due(session, now)
        figures = await is_any_fetch_due(session, now)
        mails = smtp.is_configured(office.settings) and await mail.is_any_due(session, now)
    if withdraws:
        await ctx["queue"].withdraw_now(f"withdraw:{now.timestamp():.3f}")
    if waiting_since is not None and waiting_since <= now:
        await ctx["queue"].converse()
    if syncs:
        await ctx["queue"].sync_followers(f"sync:{now.timestamp():.3f}")
    if figures:
        await ctx["queue"].fetch_figures(f"figures:{now.timestamp():.3f}")
    if mails:
        # One job a minute: a server that does not answer must not keep the sweep from its turn.
        await ctx["queue"].send_mail(f"mail:{math.floor(now.timestamp() / 60)}")
    for moment, posts in _from_now_on(due, now).items():
        for number in range(min(math.ceil(posts / BATCH), JOBS_AT_ONCE)):
            await ctx["queue"].deliver_at(moment, f"deliver:{moment.timestamp():.3f}:{number}")


@job
async def send_mail(ctx: Context) -> None:
    """Sends e-mails until none is due or its time is over. Safe to run twice and at the same time."""
    if not ctx["stop"].is_set():
        await mailing.send_due(ctx["office"], worker=ctx["worker"])


@job
async def check_indicators(ctx: Context) -> None:
    """Tells of accounts that are to be updated. Safe to run twice and at the same time; what fails is done an hour
    later."""
    await warn_of_indicators(ctx["office"])


@job
async def end_surveys(ctx: Context) -> None:
    """Ends surveys whose last day is over. Safe to run twice and at the same time; what fails is done an hour later."""
    await end_surveys_over(ctx["office"])


async def _wake_notifiers(ctx: Context) -> None:
    """As many workers as there are chunks to take, and one where a notice is to start or to be finished. A worker that is
    busy leaves its job to another."""
    await plan_digests(ctx["office"])
    now = clock.now()
    async with ctx["office"].db.read() as session:
        chunks = await count_claimable(session, now, NOTIFIERS_AT_ONCE)
        other = await is_any_to_start(session, now) or await is_any_to_finish(session)
    for number in range(max(chunks, other)):
        await ctx["queue"].notify_now(f"notify:{now.timestamp():.0f}:{number}")


def _from_now_on(due: Sequence[tuple[datetime, int]], now: datetime) -> Mapping[datetime, int]:
    """What was due before `now` is due now, and what is due in the same twentieth of a second at its end: a few jobs do
    for all of it, at however many moments it was due."""
    moments: Counter[datetime] = Counter()
    for moment, posts in due:
        slots = math.ceil(moment.timestamp() / _SLOT_S)
        moments[max(datetime.fromtimestamp(slots * _SLOT_S, UTC), now)] += posts
    return moments
