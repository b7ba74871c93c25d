"""How the house stands now, as Prometheus reads it: what waits and since when, what came of the deliveries.

Work is done in other processes, any of which may die: what is told here comes from the database and from
Redis at the moment of asking, so that every web process tells the same (take `max`, not `sum`, over several).
What came of deliveries is told as gauges over the last hour and the last day, found by an index: unlike
counters kept by workers they lose nothing with a process, and the first failure of a kind is seen as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.breaker import breakers
from outreach.channels.model import Account, ChannelName
from outreach.channels.queries import list_accounts
from outreach.foundation.stops import OFFICE, stops
from outreach.items.model import Stage
from outreach.items.queries import count_by_place, longest_in_review
from outreach.publishing.editions.queries import count_open as count_open_editions
from outreach.publishing.editions.queries import standings_of
from outreach.publishing.editions.rules import OPEN as OPEN_EDITIONS
from outreach.publishing.queries import (
    DeliveryTimes,
    count_leases,
    count_open,
    delivery_times_since,
    due_by_channel,
    longest_needing_attention,
    longest_withdrawing,
    outcomes_since,
)
from outreach.publishing.rules import NEEDS_ATTENTION, OPEN_STATES
from outreach.statistics.queries import published_by_channel
from outreach.web.house_conversations import of_conversations
from outreach.web.house_indicators import of_indicators
from outreach.web.house_notices import of_notices

WINDOWS: Final[Mapping[str, timedelta]] = {"1h": timedelta(hours=1), "24h": timedelta(hours=24)}
LIMITS_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 1800.0, 7200.0, 86400.0)


async def of_database(session: AsyncSession, now: datetime) -> list[Metric]:
    """All that the database tells at `now`. Reads what is open and the last day, not what is long done (but
    for the items, which one index counts)."""
    return [
        await _items(session),
        await _reviews(session, now),
        await _posts(session),
        await _editions(session),
        await _published(session),
        *await _due(session, now),
        await _attention(session, now),
        await _withdrawals(session, now),
        await _leases(session, now),
        *await _accounts(session, now),
        await _attempts(session, now),
        await _delivery_times(session, now),
        *await of_conversations(session, now),
        *await of_notices(session, now),
        await of_indicators(session, now),
    ]


def of_queues(alive: Mapping[str, bool], waiting: Mapping[str, int]) -> list[Metric]:
    """What Redis tells: whether each queue has a worker, and how many jobs wait in it."""
    up = GaugeMetricFamily("outreach_redis_up", "Whether Redis answered", value=bool(waiting))
    workers = GaugeMetricFamily(
        "outreach_workers_alive", "Whether a worker of the queue was alive within seconds", labels=["queue"]
    )
    for queue, lives in alive.items():
        workers.add_metric([queue], lives)
    jobs = GaugeMetricFamily("outreach_queue_jobs", "Jobs that wait in Redis", labels=["queue"])
    for queue, count in waiting.items():
        jobs.add_metric([queue], count)
    return [up, workers, jobs]


async def _items(session: AsyncSession) -> Metric:
    items = GaugeMetricFamily("outreach_items", "Items by state and stage", labels=["state", "stage"])
    for (state, stage), count in (await count_by_place(session)).items():
        items.add_metric([state, stage or ""], count)
    return items


async def _reviews(session: AsyncSession, now: datetime) -> Metric:
    since = await longest_in_review(session)
    ages = GaugeMetricFamily(
        "outreach_oldest_review_seconds", "How long the first item waits at the stage", labels=["stage"]
    )
    for stage in Stage:
        ages.add_metric([stage], _age_s(since.get(stage), now))
    return ages


async def _posts(session: AsyncSession) -> Metric:
    counts = await count_open(session)
    posts = GaugeMetricFamily(
        "outreach_posts", "Posts that are not at the end of their way", labels=["state", "channel"]
    )
    for state in sorted(OPEN_STATES):
        for channel in ChannelName:
            posts.add_metric([state, channel], counts.get((state, channel), 0))
    return posts


async def _editions(session: AsyncSession) -> Metric:
    counts = await count_open_editions(session)
    editions = GaugeMetricFamily(
        "outreach_editions", "Editions that are not at the end of their way", labels=["state"]
    )
    for state in sorted(OPEN_EDITIONS):
        editions.add_metric([state], counts.get(state, 0))
    return editions


async def _published(session: AsyncSession) -> Metric:
    counts = await published_by_channel(session)
    posts = CounterMetricFamily(
        "outreach_published_posts", "Posts that went out, by the kept tallies", labels=["channel"]
    )
    for channel in ChannelName:
        posts.add_metric([channel], counts.get(channel, 0))
    return posts


async def _due(session: AsyncSession, now: datetime) -> list[Metric]:
    due = await due_by_channel(session, now)
    posts = GaugeMetricFamily("outreach_due_posts", "Planned posts whose time has come", labels=["channel"])
    ages = GaugeMetricFamily(
        "outreach_oldest_due_post_seconds", "How late the first of them is", labels=["channel"]
    )
    for channel in ChannelName:
        of_channel = due.get(channel)
        posts.add_metric([channel], of_channel.posts if of_channel else 0)
        ages.add_metric([channel], _age_s(of_channel.since if of_channel else None, now))
    return [posts, ages]


async def _attention(session: AsyncSession, now: datetime) -> Metric:
    since = await longest_needing_attention(session)
    ages = GaugeMetricFamily(
        "outreach_oldest_unsettled_post_seconds",
        "How long the first post has been in a state in which somebody has to look at it",
        labels=["state"],
    )
    for state in sorted(NEEDS_ATTENTION):
        ages.add_metric([state], _age_s(since.get(state), now))
    return ages


async def _withdrawals(session: AsyncSession, now: datetime) -> Metric:
    since = await longest_withdrawing(session)
    ages = GaugeMetricFamily(
        "outreach_oldest_withdrawal_seconds",
        "How long the first post that is to be taken down by us has been waiting for it",
        labels=["channel"],
    )
    for channel in ChannelName:
        ages.add_metric([channel], _age_s(since.get(channel), now))
    return ages


async def _leases(session: AsyncSession, now: datetime) -> Metric:
    counts = await count_leases(session, now)
    leases = GaugeMetricFamily(
        "outreach_leases",
        "Posts that a worker is sending or taking down, by whether it lives",
        labels=["lease"],
    )
    leases.add_metric(["held"], counts.held)
    leases.add_metric(["expired"], counts.expired)
    return leases


async def _accounts(session: AsyncSession, now: datetime) -> list[Metric]:
    accounts = await list_accounts(session, active_only=True)
    stopped, tripped = await stops(session), await breakers(session)
    labels = ["account", "channel"]
    paused = GaugeMetricFamily(
        "outreach_account_paused", "Whether the account waits for an operator", labels=labels
    )
    halted = GaugeMetricFamily(
        "outreach_account_stopped",
        "Whether somebody stopped publishing, of it or of the office",
        labels=labels,
    )
    silent = GaugeMetricFamily(
        "outreach_account_unanswered", "Whether its platform does not answer", labels=labels
    )
    ends = GaugeMetricFamily(
        "outreach_account_authorisation_ends_seconds",
        "How long the platform's authorisation still holds, where it has an end; below 0 since when it has ended",
        labels=labels,
    )
    for account in accounts:
        named = [account.id, account.channel]
        if account.authorised_until:
            ends.add_metric(named, (account.authorised_until - now).total_seconds())
        paused.add_metric(named, account.paused_at is not None)
        halted.add_metric(named, bool(stopped.keys() & {OFFICE, account.id}))
        silent.add_metric(named, account.id in tripped)
    return [paused, halted, silent, ends, await _budgets(session, accounts)]


async def _budgets(session: AsyncSession, accounts: Sequence[Account]) -> Metric:
    left = GaugeMetricFamily(
        "outreach_budget_left",
        "How many calls are left in the present window, where a limit is known",
        labels=["account", "channel", "budget"],
    )
    for account in accounts:
        for one in await standings_of(session, account):
            if one.left is not None:
                left.add_metric([account.id, account.channel, one.budget.name], one.left)
    return left


async def _attempts(session: AsyncSession, now: datetime) -> Metric:
    attempts = GaugeMetricFamily(
        "outreach_attempts",
        "Steps of deliveries within the window, by how they ended and the code that came with it",
        labels=["channel", "outcome", "code", "window"],
    )
    for window, length in WINDOWS.items():
        for (channel, outcome, code), count in (await outcomes_since(session, now - length)).items():
            attempts.add_metric([channel, outcome, code or "", window], count)
    return attempts


async def _delivery_times(session: AsyncSession, now: datetime) -> Metric:
    times = GaugeHistogramMetricFamily(
        "outreach_delivery_seconds",
        "From the moment for which a post was planned to its confirmation, of those confirmed in the window",
        labels=["channel", "window"],
    )
    for window, length in WINDOWS.items():
        of_channels = await delivery_times_since(session, now - length, LIMITS_S)
        for channel in ChannelName:
            took = of_channels.get(channel, DeliveryTimes((0,) * len(LIMITS_S), 0, 0.0))
            limits = [*map(str, LIMITS_S), "+Inf"]
            counts = [float(count) for count in (*took.within, took.posts)]
            times.add_metric([channel, window], list(zip(limits, counts, strict=True)), took.total_s)
    return times


def _age_s(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
