"""网页授权: a browser inside WeChat is sent here and comes back with a code, which the service turns into an openid.

developers.weixin.qq.com/doc/service/api/webdev/access and the guide of 网页授权. Whose phone the browser is, its cookie
says (`phone.take`); without one it is the reader's, who stands for everybody.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.conversation import cookie_of
from outreach.sandbox.pages import render
from outreach.sandbox.reading import address
from outreach.sandbox.wechat import followers
from outreach.sandbox.wechat.calls import count_minute, verified_service
from outreach.sandbox.wechat.errors import WeChatError, answer

_PARAMETERS: Final = ("appid", "redirect_uri", "response_type", "scope", "state")
_SCOPES: Final = ("snsapi_base", "snsapi_userinfo")
_STATE: Final = re.compile(r"[a-zA-Z0-9]{0,128}")
_CODE_LIFE_S: Final = 300
_TOKEN_LIFE_S: Final = 7200
_REFRESH_LIFE_S: Final = 30 * 86_400


async def authorize(request: web.Request) -> web.Response:
    """GET /connect/oauth2/authorize: back at once with a code; where more than the openid is asked for, the person
    is asked first. POST, from that page: what they said."""
    sent = await request.post() if request.method == "POST" else request.query
    values = {name: str(value) for name, value in sent.items()}
    sandbox = request.app[SANDBOX]
    account, problem = _asked_by(sandbox, request, values)
    if account is None:
        return render("authorize_error.html", problem=problem)
    if request.method == "GET" and values["scope"] == "snsapi_userinfo":
        return render("authorize_wechat.html", account=account.name, values=values)
    back = (
        {} if "refuse" in values else {"code": _new_code(sandbox, account, _person(request, account), values)}
    )
    target = values["redirect_uri"]
    query = urlencode({**back, "state": values.get("state", "")})
    return web.Response(status=302, headers={"Location": f"{target}{'&' if '?' in target else '?'}{query}"})


async def access_token(request: web.Request) -> web.Response:
    """GET /sns/oauth2/access_token: a code, once and within five minutes, for who it is."""
    sandbox, account = _authenticated(request)
    if request.query.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    row = _redeem(sandbox, account, request.query.get("code", ""))
    return answer(_grant(sandbox, account, row["openid"], row["scope"]), "text/plain")


async def refresh_token(request: web.Request) -> web.Response:
    """GET /sns/oauth2/refresh_token: a token's time begins anew."""
    sandbox, account = request.app[SANDBOX], _account(request)
    if request.query.get("grant_type") != "refresh_token":
        raise WeChatError(40002)
    row = sandbox.store.row(
        "SELECT * FROM web_token WHERE refresh = ? AND account = ?",
        request.query.get("refresh_token", ""),
        account.appid,
    )
    if row is None or sandbox.clock() >= row["granted_at"] + _REFRESH_LIFE_S:
        raise WeChatError(40030)
    sandbox.store.run("UPDATE web_token SET issued_at = ? WHERE value = ?", sandbox.clock(), row["value"])
    return answer(_shown(row), "text/plain")


async def check(request: web.Request) -> web.Response:
    """GET /sns/auth: whether the token still stands for that person."""
    _holder(request)
    return answer({"errcode": 0, "errmsg": "ok"}, "text/plain")


async def userinfo(request: web.Request) -> web.Response:
    """GET /sns/userinfo: what a person showed of themselves, for `snsapi_userinfo` alone; hardly more than the openid
    since 2021."""
    row = _holder(request)
    if row["scope"] != "snsapi_userinfo":
        raise WeChatError(48001)
    told = {
        "openid": row["openid"],
        "nickname": "微信用户",
        "sex": 0,
        "province": "",
        "city": "",
        "country": "",
    }
    return answer({**told, "headimgurl": "", "privilege": []}, "text/plain")


def _asked_by(
    sandbox: Sandbox, request: web.Request, values: Mapping[str, Any]
) -> tuple[WeChatAccount | None, str]:
    """The account that asks, or why it may not."""
    is_asked = request.method == "POST" or tuple(request.query)[: len(_PARAMETERS)] == _PARAMETERS
    if not is_asked or not values.keys() >= set(_PARAMETERS):
        return None, "参数错误：参数不全，或次序不对"
    account = sandbox.accounts.wechat(values["appid"])
    if account is None:
        return None, "appid 参数错误（10003）"
    if not verified_service(account):
        return None, "该公众号没有网页授权权限（10004）"
    parts = address(values["redirect_uri"])
    if parts.scheme not in ("http", "https") or parts.hostname not in sandbox.accounts.security_domains(
        account
    ):
        return None, "redirect_uri 域名与后台配置不一致（10003）"
    if values["response_type"] != "code":
        return None, "response_type 参数错误（10016）"
    if values["scope"] not in _SCOPES:
        return None, "scope 参数错误或没有 scope 权限（10005）"
    if not _STATE.fullmatch(values["state"]):
        return None, "state 参数错误：只能是 128 个以内的字母和数字"
    return account, ""


def _person(request: web.Request, account: WeChatAccount) -> str:
    return request.cookies.get(cookie_of(account)) or followers.openid(account, "reader")


def _new_code(sandbox: Sandbox, account: WeChatAccount, person: str, values: Mapping[str, Any]) -> str:
    code = secrets.token_hex(16)
    sandbox.store.run(
        "INSERT INTO web_code (code, account, openid, scope, issued_at) VALUES (?, ?, ?, ?, ?)",
        *(code, account.appid, person, values["scope"], sandbox.clock()),
    )
    return code


def _account(request: web.Request) -> WeChatAccount:
    if request.method != "GET":
        raise WeChatError(43001)
    appid = request.query.get("appid")
    if not appid:
        raise WeChatError(41002)
    account = request.app[SANDBOX].accounts.wechat(appid)
    if account is None:
        raise WeChatError(40013)
    count_minute(request.app[SANDBOX], account, "web_logins_per_minute")
    return account


def _authenticated(request: web.Request) -> tuple[Sandbox, WeChatAccount]:
    account = _account(request)
    secret = request.query.get("secret")
    if not secret:
        raise WeChatError(41004)
    if secret != account.secret:
        raise WeChatError(40125)
    if not request.query.get("code"):
        raise WeChatError(41008)
    return request.app[SANDBOX], account


def _redeem(sandbox: Sandbox, account: WeChatAccount, code: str) -> sqlite3.Row:
    row = sandbox.store.row("SELECT * FROM web_code WHERE code = ? AND account = ?", code, account.appid)
    if row is None or sandbox.clock() >= row["issued_at"] + _CODE_LIFE_S:
        raise WeChatError(40029)
    if row["used"]:
        raise WeChatError(40163)
    sandbox.store.run("UPDATE web_code SET used = 1 WHERE code = ?", code)
    return row


def _grant(sandbox: Sandbox, account: WeChatAccount, person: str, scope: str) -> dict[str, Any]:
    value, refresh = secrets.token_urlsafe(60), secrets.token_urlsafe(60)
    sandbox.store.run(
        "INSERT INTO web_token (value, refresh, account, openid, scope, granted_at, issued_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(value, refresh, account.appid, person, scope, sandbox.clock(), sandbox.clock()),
    )
    virtual = {"is_snapshotuser": 1} if sandbox.settings()["snapshot_user"] else {}
    granted = {"access_token": value, "refresh_token": refresh, "openid": person, "scope": scope}
    return {**granted, "expires_in": _TOKEN_LIFE_S, **virtual}


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "access_token": row["value"],
        "expires_in": _TOKEN_LIFE_S,
        "refresh_token": row["refresh"],
        "openid": row["openid"],
        "scope": row["scope"],
    }


def _holder(request: web.Request) -> sqlite3.Row:
    """The token and whose it is. Raises WeChatError: 41001 none, 40001 unknown or too old, 40003 another person's."""
    if request.method != "GET":
        raise WeChatError(43001)
    token, sandbox = request.query.get("access_token", ""), request.app[SANDBOX]
    if not token:
        raise WeChatError(41001)
    row = sandbox.store.row("SELECT * FROM web_token WHERE value = ?", token)
    if row is None or sandbox.clock() >= row["issued_at"] + _TOKEN_LIFE_S:
        raise WeChatError(40001)
    if request.query.get("openid") != row["openid"]:
        raise WeChatError(40003)
    return row
