"""Small questions about the account's standing: quotas and how they are cleared, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from outreach.sandbox import clock
from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.wechat.calls import OK, Call, check_ip, count, json_body
from outreach.sandbox.wechat.errors import WeChatError, answer


def get(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/openapi/quota/get: the daily quota of a path."""
    path = _path(call)
    limit = call.account.limits[path]
    used = min(limit, call.store.uses(call.appid, path, clock.day(call.now)))
    endpoint = call.endpoints.get(path)
    a_minute = call.account.limits[endpoint.per_minute] if endpoint and endpoint.per_minute else 10_000
    return {
        **OK,
        "quota": {"daily_limit": limit, "used": used, "remain": limit - used},
        "rate_limit": {"call_count": a_minute, "refresh_second": 60},
    }


def clear_path(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/openapi/quota/clear: today's calls of one path are forgotten; fifty times a month."""
    path = _path(call)
    _count_clear(call.sandbox, call.account, "path_quota_clears_per_month")
    call.store.forget_uses(call.appid, clock.day(call.now), path)
    return OK


def clear(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/clear_quota: today's calls of every path are forgotten; ten times a month."""
    if call.json.get("appid") != call.appid:
        raise WeChatError(40013)
    return _clear(call.sandbox, call.account)


async def clear_by_secret(request: web.Request) -> web.Response:
    """POST /cgi-bin/clear_quota/v2: the same with appid and appsecret in place of a token."""
    if request.method != "POST":
        raise WeChatError(43002)
    body = await json_body(request)
    sandbox = request.app[SANDBOX]
    account = sandbox.accounts.wechat(str(body.get("appid") or "-"))
    if account is None:
        raise WeChatError(40013)
    if body.get("appsecret") != account.secret:
        raise WeChatError(40125 if body.get("appsecret") else 41004)
    check_ip(account, request)
    count(sandbox, account, request.path)
    return answer(_clear(sandbox, account))


def callback_ip(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/getcallbackip: where pushes come from."""
    return {"ip_list": ["127.0.0.1"]}


def api_ip(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/get_api_domain_ip: where the API is."""
    return {"ip_list": ["127.0.0.0/8"]}


def _path(call: Call) -> str:
    path = call.text("cgi_path", 76021)
    if not path.startswith("/") or path not in call.account.limits:
        raise WeChatError(76021)
    endpoint = call.endpoints.get(path)
    if endpoint is not None and not endpoint.right(call.account):
        raise WeChatError(76022)
    return path


def _clear(sandbox: Sandbox, account: WeChatAccount) -> Mapping[str, Any]:
    _count_clear(sandbox, account, "quota_clears_per_month")
    sandbox.store.forget_uses(account.appid, clock.day(sandbox.clock()))
    return OK


def _count_clear(sandbox: Sandbox, account: WeChatAccount, limit: str) -> None:
    month = clock.month(sandbox.clock())
    if sandbox.store.count_use(account.appid, limit, month) > account.limits[limit]:
        raise WeChatError(48006)
