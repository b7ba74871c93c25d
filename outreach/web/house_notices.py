"""How notices to followers stand, as Prometheus reads it."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.standing import OPEN_STATES, standing_of_notices


async def of_notices(session: AsyncSession, now: datetime) -> list[Metric]:
    """The notices that have not ended, their recipients by what came of them, and how long the first of those that are
    due has been waiting to begin."""
    standing = await standing_of_notices(session, now)
    notices = GaugeMetricFamily(
        "outreach_notices", "Notices to followers that have not ended, by state", labels=["state"]
    )
    for state in sorted(OPEN_STATES):
        notices.add_metric([state], standing.notices.get(state, 0))
    recipients = GaugeMetricFamily(
        "outreach_notice_recipients",
        "Recipients of the notices that have not ended, by what came of them",
        labels=["state"],
    )
    for outcome in RecipientState:
        recipients.add_metric([outcome], standing.recipients[outcome])
    age_s = max(0.0, (now - standing.due_since).total_seconds()) if standing.due_since else 0.0
    oldest = GaugeMetricFamily(
        "outreach_oldest_due_notice_seconds",
        "How long the first notice that is due has been waiting to begin",
        value=age_s,
    )
    return [notices, recipients, oldest]
