"""How the conversations with followers stand, as Prometheus reads it."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.conversations.queries import count_waiting


async def of_conversations(session: AsyncSession, now: datetime) -> list[Metric]:
    """What waits, what failed, and how long the first of what is due has been waiting."""
    stand = await count_waiting(session)
    messages = GaugeMetricFamily(
        "outreach_messages",
        "Messages and events of followers that are not handled, by state",
        labels=["state"],
    )
    messages.add_metric(["waiting"], stand.waiting)
    messages.add_metric(["failed"], stand.failed)
    uncertain = GaugeMetricFamily(
        "outreach_uncertain_replies",
        "Answers of which nobody knows whether they arrived",
        value=stand.uncertain,
    )
    age_s = max(0.0, (now - stand.since).total_seconds()) if stand.since else 0.0
    oldest = GaugeMetricFamily(
        "outreach_oldest_message_seconds",
        "How long the first message or answer that is due has been waiting",
        value=age_s,
    )
    return [messages, uncertain, oldest]
