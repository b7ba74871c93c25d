"""OAuth2: a user lets the app post (open.weibo.com/wiki/Oauth2)."""

from __future__ import annotations

import secrets
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from outreach.sandbox.accounts import WeiboAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.pages import render
from outreach.sandbox.reading import address
from outreach.sandbox.weibo.calls import TOKEN_LIFE_S, holder, sent
from outreach.sandbox.weibo.errors import WeiboError, answer

_CODE_LIFE_S: Final = 600


async def authorize(request: web.Request) -> web.Response:
    """GET: a page that asks the user. POST, from its buttons: back to the app, with a code or a refusal."""
    values, _ = await sent(request)
    users = _users(request.app[SANDBOX], values)
    if request.method == "GET":
        return render("authorize.html", users=users, values=values)
    if "refuse" in values:
        return _back(values, {"error": "access_denied", "error_code": "21330"})
    user = next((user for user in users if user.uid == values.get("uid")), users[0])
    return _back(values, {"code": _new_code(request.app[SANDBOX], user, values["redirect_uri"])})


async def access_token(request: web.Request) -> web.Response:
    """POST /oauth2/access_token: a code, once, for a token."""
    values, _ = await _posted(request)
    if values.get("grant_type") != "authorization_code":
        raise WeiboError(21328)
    sandbox = request.app[SANDBOX]
    users = sandbox.accounts.weibo_of_app(values.get("client_id", ""))
    if not users or values.get("client_secret") != users[0].app_secret:
        raise WeiboError(21324)
    uid = _redeem(sandbox, values, {user.uid for user in users})
    return answer(_grant(sandbox, uid))


async def get_token_info(request: web.Request) -> web.Response:
    """POST /oauth2/get_token_info: whose token it is, and how long it lives on."""
    values, _ = await _posted(request)
    sandbox = request.app[SANDBOX]
    account, issued_at = holder(sandbox, values.get("access_token", ""))
    left = int(issued_at + TOKEN_LIFE_S - sandbox.clock())
    return answer(
        {
            "uid": int(account.uid),
            "appkey": account.app_key,
            "scope": None,
            "create_at": int(issued_at),
            "expire_in": str(left),
        }
    )


async def revoke(request: web.Request) -> web.Response:
    """GET or POST /oauth2/revokeoauth2: the user takes the authorisation back."""
    values, _ = await sent(request)
    sandbox, token = request.app[SANDBOX], values.get("access_token", "")
    holder(sandbox, token)
    sandbox.store.run("UPDATE token SET replaced_at = ? WHERE value = ?", sandbox.clock(), token)
    return answer({"result": "true"})


async def _posted(request: web.Request) -> tuple[dict[str, str], dict[str, web.FileField]]:
    if request.method != "POST":
        raise WeiboError(10021)
    return await sent(request)


def _users(sandbox: Sandbox, values: dict[str, str]) -> list[WeiboAccount]:
    """Who may authorise the app. Raises WeiboError for an unknown app or an address that is not registered."""
    users = sandbox.accounts.weibo_of_app(values.get("client_id", ""))
    if not users:
        raise WeiboError(21324)
    if values.get("response_type", "code") != "code":
        raise WeiboError(21329)
    if not _registered(sandbox, users[0], values.get("redirect_uri", "")):
        raise WeiboError(21322)
    return users


def _registered(sandbox: Sandbox, user: WeiboAccount, uri: str) -> bool:
    if user.redirect_uris is not None:
        return uri in user.redirect_uris
    parts = address(uri)
    return parts.scheme in ("http", "https") and parts.hostname in sandbox.accounts.security_domains(user)


def _back(values: dict[str, str], answer_values: dict[str, str]) -> web.Response:
    if "state" in values:
        answer_values["state"] = values["state"]
    uri = values["redirect_uri"]
    target = f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer_values)}"
    return web.Response(status=302, headers={"Location": target})


def _new_code(sandbox: Sandbox, user: WeiboAccount, redirect_uri: str) -> str:
    code = secrets.token_hex(16)
    sandbox.store.run(
        "INSERT INTO oauth_code (code, account, redirect_uri, issued_at) VALUES (?, ?, ?, ?)",
        code,
        user.uid,
        redirect_uri,
        sandbox.clock(),
    )
    return code


def _redeem(sandbox: Sandbox, values: dict[str, str], uids: set[str]) -> str:
    row = sandbox.store.row("SELECT * FROM oauth_code WHERE code = ?", values.get("code", ""))
    if row is None or row["account"] not in uids or row["used"]:
        raise WeiboError(21325)
    if sandbox.clock() >= row["issued_at"] + _CODE_LIFE_S:
        raise WeiboError(21325)
    if values.get("redirect_uri") != row["redirect_uri"]:
        raise WeiboError(21322)
    sandbox.store.run("UPDATE oauth_code SET used = 1 WHERE code = ?", row["code"])
    return str(row["account"])


def _grant(sandbox: Sandbox, uid: str) -> dict[str, Any]:
    token = f"2.00{secrets.token_urlsafe(21)}"
    sandbox.store.run(
        "INSERT INTO token (value, account, family, issued_at) VALUES (?, ?, 'weibo', ?)",
        token,
        uid,
        sandbox.clock(),
    )
    return {
        "access_token": token,
        "remind_in": str(TOKEN_LIFE_S),
        "expires_in": TOKEN_LIFE_S,
        "uid": uid,
        "isRealName": "true",
    }
