"""Who follows an account: rows cheap enough for a million."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sqlite3
from typing import Any, Final

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import Sandbox
from outreach.sandbox.store import Store
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.errors import WeChatError

_AT_ONCE: Final = 10_000  # rows made between two looks at the requests
_DIGITS: Final = (
    "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"  # in the order of their codes
)
_FOLLOWS: Final = (
    "INSERT INTO follower (account, openid, since) VALUES (?, ?, ?)"
    " ON CONFLICT (account, openid) DO UPDATE SET subscribed = 1, since = excluded.since WHERE NOT subscribed"
)


def openid(account: WeChatAccount, name: str) -> str:
    """The openid that a person has for this account: always the same for the same name."""
    digest = hashlib.sha256(f"{account.appid}/{name}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def numbered_openid(account: WeChatAccount, number: int) -> str:
    """The openid of the account's follower of that number.

    Those of one account begin alike, as real ones do, and rise with the number: a million are added to the end of an
    index, not all over it.
    """
    counted = "".join(_DIGITS[number >> shift & 63] for shift in (24, 18, 12, 6, 0))
    return openid(account, "")[:6] + counted + openid(account, str(number))[-17:]


async def make(sandbox: Sandbox, account: WeChatAccount, count: int) -> None:
    """Adds `count` followers to the account, a part at a time, so that calls are answered meanwhile."""
    store, now, left = sandbox.store, sandbox.clock(), count
    while left:
        part = min(left, _AT_ONCE)
        first = store.number("SELECT max(position) FROM follower") + 1
        numbers = range(first, first + part)
        store.run_many(_FOLLOWS, ((account.appid, numbered_openid(account, each), now) for each in numbers))
        left -= part
        await asyncio.sleep(0)


def follow(store: Store, account: WeChatAccount, person: str, now: float) -> None:
    """The person follows the account, as of now if not before."""
    store.run(_FOLLOWS, account.appid, person, now)


def unfollow(store: Store, account: WeChatAccount, person: str) -> None:
    """The person follows no longer; tags and remark are lost, as on the platform."""
    store.run(
        "DELETE FROM tagged WHERE follower = (SELECT position FROM follower WHERE account = ? AND openid = ?)",
        account.appid,
        person,
    )
    store.run(
        "UPDATE follower SET subscribed = 0, remark = NULL WHERE account = ? AND openid = ?",
        account.appid,
        person,
    )


def total(store: Store, appid: str) -> int:
    """How many follow the account now."""
    return store.number("SELECT count(*) FROM follower WHERE account = ? AND subscribed", appid)


def find(store: Store, appid: str, person: object) -> sqlite3.Row | None:
    """The person as far as the account knows one of that openid, following or not."""
    if not isinstance(person, str):
        return None
    return store.row("SELECT * FROM follower WHERE account = ? AND openid = ?", appid, person)


def known(call: Call, person: object) -> sqlite3.Row:
    """The person, following or not. Raises WeChatError (40003) for an openid that is not this account's."""
    row = find(call.store, call.appid, person)
    if row is None:
        raise WeChatError(40003)
    return row


def reachable(call: Call, person: object) -> sqlite3.Row:
    """The follower whom a message can reach. Raises WeChatError (40003, 43004 or 43019)."""
    row = known(call, person)
    if not row["subscribed"]:
        raise WeChatError(43004)
    if row["blocked"]:
        raise WeChatError(43019)
    return row


def listed(call: Call, name: str, lowest: int, highest: int) -> list[sqlite3.Row]:
    """The followers whom the body's list of that name names.

    Raises WeChatError: 40031 where it is no list of openids, 40032 for its length, 40003 for a strange one.
    """
    openids: Any = call.json.get(name)
    if not isinstance(openids, list) or not all(isinstance(each, str) for each in openids):
        raise WeChatError(40031)
    if not lowest <= len(openids) <= highest:
        raise WeChatError(40032)
    return [known(call, each) for each in openids]


def page(rows: list[sqlite3.Row]) -> dict[str, Any]:
    """The part of a paged answer that names openids; `data` is missing where there are none."""
    if not rows:
        return {"count": 0}
    openids = [row["openid"] for row in rows]
    return {"count": len(openids), "data": {"openid": openids}}


def after(call: Call, person: object) -> int:
    """The position behind which a page begins: after that openid, or at the beginning without one."""
    return int(known(call, person)["position"]) if person else 0
