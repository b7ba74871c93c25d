"""Small questions about the account's standing: quotas, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outreach.sandbox import clock
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.errors import WeChatError


def get(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/openapi/quota/get: the daily quota of a path."""
    path = call.text("cgi_path", 76021)
    limit = call.account.limits.get(path)
    if limit is None:
        raise WeChatError(76021)
    used = min(limit, call.sandbox.store.uses(call.account.appid, path, clock.day(call.sandbox.clock())))
    return {
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": limit, "used": used, "remain": limit - used},
        "rate_limit": {"call_count": 10_000, "refresh_second": 60},
    }


def callback_ip(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/getcallbackip: where pushes come from."""
    return {"ip_list": ["127.0.0.1"]}
