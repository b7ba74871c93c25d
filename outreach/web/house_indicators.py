"""How long ago the accounts were updated, as Prometheus reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import list_accounts
from outreach.statistics.indicators.queries import last_posts

_DAY_S: Final = 86_400


async def of_indicators(session: AsyncSession, now: datetime) -> Metric:
    """Since the last post that is public on the account; since it was entered where there is none."""
    days = GaugeMetricFamily(
        "outreach_account_days_since_post",
        "Days since the last post that is public on the account, or since it was entered",
        labels=["account", "channel"],
    )
    last = await last_posts(session)
    for account in await list_accounts(session, active_only=True):
        post = last.get(account.id)
        since = (post.published_at if post else None) or account.created_at
        days.add_metric([account.id, account.channel], max(0.0, (now - since).total_seconds() / _DAY_S))
    return days
