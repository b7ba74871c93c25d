"""When an account may write to a person of its own accord: for a while after what that person did.

api_sendcustommessage: five messages within 48 hours of a message, three within a minute of a menu click, a
subscription or a scan. Each further message or action opens its window anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.store import Store
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.errors import WeChatError

TYPING_AFTER_S: Final = 30  # how fresh a conversation must be for a "typing" to be shown
TYPING_S: Final = 15


@dataclass(frozen=True, slots=True)
class Window:
    """How long after its cause an account may write, and the limit that says how often."""

    lasts_s: int
    limit: str


# The shorter one is used up first.
_WINDOWS: Final[Mapping[str, Window]] = {
    "action": Window(60, "customer_messages_per_action"),
    "message": Window(48 * 3600, "customer_messages_per_message"),
}
_ACTIONS: Final = frozenset({"subscribe", "CLICK", "SCAN", "scancode_push", "scancode_waitmsg"})


def open_window(store: Store, account: WeChatAccount, person: str, kind: str, now: float) -> None:
    """The person wrote (`kind` text) or did something: opens the window that follows from it, if one does."""
    cause = "message" if kind == "text" else "action" if kind in _ACTIONS else None
    if cause:
        store.run(
            "INSERT OR REPLACE INTO conversation (account, openid, cause, opened_at) VALUES (?, ?, ?, ?)",
            account.appid,
            person,
            cause,
            now,
        )


def close_windows(store: Store, account: WeChatAccount, person: str) -> None:
    """The person is gone."""
    store.run("DELETE FROM conversation WHERE account = ? AND openid = ?", account.appid, person)


def use(call: Call, person: str) -> None:
    """Takes one message out of an open window. Raises WeChatError: 45015 none is open, 45047 it is used up."""
    windows = _open(call, person)
    if not windows:
        raise WeChatError(45015)
    cause = next((cause for cause, used in windows.items() if used < _allowed(call, cause)), None)
    if cause is None:
        raise WeChatError(45047)
    call.store.run(
        "UPDATE conversation SET used = used + 1, typing_until = 0"
        " WHERE account = ? AND openid = ? AND cause = ?",
        call.appid,
        person,
        cause,
    )


def type_to(call: Call, person: str) -> None:
    """Shows a "typing". Raises WeChatError: 45015 no window, 45080 nothing was said lately, 45081 shown already."""
    if not _open(call, person):
        raise WeChatError(45015)
    spoken = call.store.number(
        "SELECT max(at) FROM (SELECT opened_at AS at FROM conversation WHERE account = ? AND openid = ?"
        " UNION ALL SELECT max(at) FROM message WHERE account = ? AND openid = ? AND kind = 'customer')",
        *(call.appid, person, call.appid, person),
    )
    if spoken + TYPING_AFTER_S < call.now:
        raise WeChatError(45080)
    if _typing_until(call, person) > call.now:
        raise WeChatError(45081)
    _set_typing(call, person, call.now + TYPING_S)


def stop_typing(call: Call, person: str) -> None:
    """Takes the "typing" away."""
    _set_typing(call, person, 0)


def _open(call: Call, person: str) -> dict[str, int]:
    """How many messages were sent in each open window, the shortest first."""
    rows = call.store.rows(
        "SELECT cause, opened_at, used FROM conversation WHERE account = ? AND openid = ?", call.appid, person
    )
    found = {row["cause"]: row for row in rows}
    return {
        cause: found[cause]["used"]
        for cause, window in _WINDOWS.items()
        if cause in found and call.now < found[cause]["opened_at"] + window.lasts_s
    }


def _allowed(call: Call, cause: str) -> int:
    return call.account.limits[_WINDOWS[cause].limit]


def _typing_until(call: Call, person: str) -> float:
    row = call.store.row(
        "SELECT max(typing_until) FROM conversation WHERE account = ? AND openid = ?", call.appid, person
    )
    return float(row[0] or 0) if row else 0.0


def _set_typing(call: Call, person: str, until: float) -> None:
    call.store.run(
        "UPDATE conversation SET typing_until = ? WHERE account = ? AND openid = ?", until, call.appid, person
    )
