"""Followers whom an account wants to hear nothing of and tell nothing (黑名单管理)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.wechat import followers
from outreach.sandbox.wechat.calls import OK, Call

AT_ONCE: Final = 20
PAGE: Final = 1000


def get(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/members/getblacklist: a thousand openids a page."""
    rows = call.store.rows(
        "SELECT openid FROM follower WHERE account = ? AND blocked AND position > ? ORDER BY position LIMIT ?",
        call.appid,
        followers.after(call, call.json.get("begin_openid")),
        PAGE,
    )
    total = call.store.number("SELECT count(*) FROM follower WHERE account = ? AND blocked", call.appid)
    last = rows[-1]["openid"] if rows else ""
    return {"total": total, **followers.page(rows), "next_openid": last}


def block(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/members/batchblacklist: twenty at most."""
    return _set(call, 1)


def unblock(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/members/batchunblacklist: twenty at most."""
    return _set(call, 0)


def _set(call: Call, blocked: int) -> Mapping[str, Any]:
    persons = followers.listed(call, "openid_list", 1, AT_ONCE)
    call.store.run_many(
        "UPDATE follower SET blocked = ? WHERE position = ?",
        [(blocked, person["position"]) for person in persons],
    )
    return OK
