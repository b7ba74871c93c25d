"""account/rate_limit_status: what is left of the calls (open.weibo.com/wiki/2/account/rate_limit_status)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from outreach.sandbox import clock
from outreach.sandbox.weibo.calls import Call


def status(call: Call) -> Mapping[str, Any]:
    """GET /2/account/rate_limit_status.json. The question itself is one of the calls. `user_limit` is that of the
    present window, a day; the page has one unit for both numbers."""
    store, limits, now = call.sandbox.store, call.account.limits, call.sandbox.clock()
    local = datetime.fromtimestamp(now, clock.CHINA)
    reset = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def left(limit: str, account: str, name: str, period: str) -> int:
        return max(0, limits[limit] - store.uses(account, name, period))

    return {
        "api_rate_limits": [
            {
                "api": "/statuses/share",
                "limit": limits["posts_per_hour"],
                "limit_time_unit": "HOURS",
                "remaining_hits": left("posts_per_hour", call.account.uid, "posts", clock.hour(now)),
            }
        ],
        "ip_limit": limits["calls_per_hour_per_ip"],
        "limit_time_unit": "HOURS",
        "remaining_ip_hits": left("calls_per_hour_per_ip", call.address, "weibo", clock.hour(now)),
        "remaining_user_hits": left("calls_per_day", call.account.uid, "calls", clock.day(now)),
        "reset_time": f"{reset:%Y-%m-%d %H:%M:%S}",
        "reset_time_in_seconds": int((reset - local).total_seconds()),
        "user_limit": limits["calls_per_day"],
    }
