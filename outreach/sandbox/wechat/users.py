"""What an account learns of its followers (user/get and user/info; names and pictures are no longer told)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.wechat import followers
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError

PAGE: Final = 10_000
BATCH_MAX: Final = 100
REMARK_BYTES: Final = 30  # must stay below


def get(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/user/get?next_openid=: ten thousand openids a page, in the order in which they came."""
    rows = call.store.rows(
        "SELECT openid FROM follower WHERE account = ? AND subscribed AND position > ?"
        " ORDER BY position LIMIT ?",
        call.appid,
        followers.after(call, call.query.get("next_openid")),
        PAGE,
    )
    last = rows[-1]["openid"] if rows else ""
    return {"total": followers.total(call.store, call.appid), **followers.page(rows), "next_openid": last}


def info(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/user/info?openid=: one person."""
    person = call.query.get("openid")
    if not person:
        raise WeChatError(41009)
    return _shown(call, followers.known(call, person), call.query.get("lang"))


def batch_info(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/user/info/batchget: up to a hundred persons."""
    wanted = call.json.get("user_list")
    if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        raise WeChatError(40031)
    if not 1 <= len(wanted) <= BATCH_MAX:
        raise WeChatError(40032)
    return {
        "user_info_list": [
            _shown(call, followers.known(call, each.get("openid")), each.get("lang")) for each in wanted
        ]
    }


def update_remark(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/user/info/updateremark: the account's own note on a follower."""
    row, remark = followers.known(call, call.json.get("openid")), call.json.get("remark")
    if not isinstance(remark, str) or len(remark.encode()) >= REMARK_BYTES:
        raise WeChatError(40092)
    call.store.run("UPDATE follower SET remark = ? WHERE position = ?", remark, row["position"])
    return OK


def _shown(call: Call, row: sqlite3.Row, language: object) -> dict[str, Any]:
    if not row["subscribed"]:
        return {"subscribe": 0, "openid": row["openid"]}
    tags = call.store.rows("SELECT tag FROM tagged WHERE follower = ? ORDER BY tag", row["position"])
    ids = [each["tag"] for each in tags]
    return {
        "subscribe": 1,
        "openid": row["openid"],
        "language": language or "zh_CN",
        "subscribe_time": int(row["since"]),
        "remark": row["remark"] or "",
        "groupid": ids[0] if ids else 0,
        "tagid_list": ids,
        "subscribe_scene": "ADD_SCENE_SEARCH",
        "qr_scene": 0,
        "qr_scene_str": "",
    }
