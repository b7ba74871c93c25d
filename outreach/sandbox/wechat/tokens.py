"""access_token: two families that don't invalidate each other (api_getaccesstoken, api_getstableaccesstoken)."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from outreach.sandbox import clock
from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.wechat.calls import (
    TOKEN_LIFE_S,
    TOKEN_OVERLAP_S,
    check_ip,
    count,
    count_minute,
    json_body,
)
from outreach.sandbox.wechat.errors import WeChatError, answer

_FORCE_GAP_S: Final = 30
_SECRET: Final = re.compile(r"[0-9a-f]{32}")


async def token(request: web.Request) -> web.Response:
    """GET /cgi-bin/token: a new token with each call; the one before lives for five minutes more."""
    if request.method != "GET":
        raise WeChatError(43001)
    account = _authenticated(request, request.query)
    sandbox = request.app[SANDBOX]
    count(sandbox, account, request.path)
    return answer({"access_token": _issue(sandbox, account, "token"), "expires_in": TOKEN_LIFE_S})


async def stable_token(request: web.Request) -> web.Response:
    """POST /cgi-bin/stable_token: the same token until shortly before its end, unless a new one is forced."""
    if request.method != "POST":
        raise WeChatError(43002)
    body = await json_body(request)
    account = _authenticated(request, body)
    sandbox = request.app[SANDBOX]
    count(sandbox, account, request.path)
    count_minute(sandbox, account, "stable_token_per_minute")
    if body.get("force_refresh") is True:
        return answer({"access_token": _force(sandbox, account), "expires_in": TOKEN_LIFE_S})
    return answer(_stable(sandbox, account))


def _authenticated(request: web.Request, values: Mapping[str, Any]) -> WeChatAccount:
    if values.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    appid, secret = values.get("appid"), values.get("secret")
    if not appid:
        raise WeChatError(41002)
    account = request.app[SANDBOX].accounts.wechat(str(appid))
    if account is None:
        raise WeChatError(40013)
    if not secret:
        raise WeChatError(41004)
    if secret != account.secret:
        raise WeChatError(40001 if _SECRET.fullmatch(str(secret)) else 40125)
    check_ip(account, request)
    return account


def _stable(sandbox: Sandbox, account: WeChatAccount) -> dict[str, Any]:
    current = _current(sandbox, account, "stable")
    left = int(current["issued_at"] + TOKEN_LIFE_S - sandbox.clock()) if current else 0
    if current and left > TOKEN_OVERLAP_S:
        return {"access_token": current["value"], "expires_in": left}
    return {"access_token": _issue(sandbox, account, "stable"), "expires_in": TOKEN_LIFE_S}


def _force(sandbox: Sandbox, account: WeChatAccount) -> str:
    now, limit = sandbox.clock(), account.limits["force_refresh_per_day"]
    last = sandbox.store.row("SELECT max(issued_at) FROM token WHERE account = ? AND forced", account.appid)
    if last and last[0] is not None and now < last[0] + _FORCE_GAP_S:
        raise WeChatError(45011)
    if sandbox.store.count_use(account.appid, "force_refresh_per_day", clock.day(now)) > limit:
        raise WeChatError(45009)
    sandbox.store.run(
        "UPDATE token SET replaced_at = ? WHERE account = ? AND family = 'stable'",
        now - TOKEN_OVERLAP_S,
        account.appid,
    )
    return _issue(sandbox, account, "stable", forced=True)


def _current(sandbox: Sandbox, account: WeChatAccount, family: str) -> sqlite3.Row | None:
    return sandbox.store.row(
        "SELECT * FROM token WHERE account = ? AND family = ? AND replaced_at IS NULL", account.appid, family
    )


def _issue(sandbox: Sandbox, account: WeChatAccount, family: str, *, forced: bool = False) -> str:
    value = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(100)}"
    now = sandbox.clock()
    with sandbox.store.transaction():
        sandbox.store.run(
            "UPDATE token SET replaced_at = ? WHERE account = ? AND family = ? AND replaced_at IS NULL",
            now,
            account.appid,
            family,
        )
        sandbox.store.run(
            "INSERT INTO token (value, account, family, issued_at, forced) VALUES (?, ?, ?, ?, ?)",
            value,
            account.appid,
            family,
            now,
            int(forced),
        )
    return value
