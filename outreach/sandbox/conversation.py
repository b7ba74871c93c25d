"""The conversation with the first Official Account, as the phone shows it: whose phone it is, and the menu below."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.wechat import followers

_PEOPLE: Final = 12


@dataclass(frozen=True, slots=True)
class Conversation:
    """`people` are openids to choose from, `person` is the one whose phone it is, `menu` the buttons of menu/create."""

    account: WeChatAccount
    person: str
    people: list[str]
    menu: list[dict[str, Any]]


def conversation_of(request: web.Request) -> Conversation | None:
    """None where there is no Official Account."""
    sandbox = request.app[SANDBOX]
    account = sandbox.accounts.wechat()
    if account is None:
        return None
    reader = followers.openid(account, "reader")
    person = request.cookies.get(cookie_of(account)) or reader
    people = dict.fromkeys([person, reader, *_latest_followers(sandbox, account)])
    return Conversation(account, person, list(people), _menu(sandbox, account))


def cookie_of(account: WeChatAccount) -> str:
    """Whose phone a browser is, for that account: the cookie's name."""
    return f"phone_{account.appid}"


def _latest_followers(sandbox: Sandbox, account: WeChatAccount) -> list[str]:
    rows = sandbox.store.rows(
        "SELECT openid FROM follower WHERE account = ? AND subscribed ORDER BY position DESC LIMIT ?",
        *(account.appid, _PEOPLE),
    )
    return [row["openid"] for row in rows]


def _menu(sandbox: Sandbox, account: WeChatAccount) -> list[dict[str, Any]]:
    row = sandbox.store.row("SELECT buttons FROM menu WHERE account = ?", account.appid)
    buttons: list[dict[str, Any]] = json.loads(row["buttons"]) if row else []
    return buttons
