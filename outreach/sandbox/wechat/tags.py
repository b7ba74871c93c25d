"""Tags that an account puts on its followers (用户标签管理)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.reading import row_id
from outreach.sandbox.wechat import followers
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError

NAME_CHARS: Final = 30
MEMBERS_AT_ONCE: Final = 50
PAGE: Final = 10_000
_STARRED: Final = 2
_STARRED_NAME: Final = "星标组"
_SYSTEM: Final = (0, 1, _STARRED)
_MEMBERS: Final = "FROM tagged JOIN follower ON position = follower WHERE tag = ? AND account = ?"


def create(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/create: `{"tag": {"id", "name"}}`."""
    name = _name(call)
    held = call.store.number("SELECT count(*) FROM tag WHERE account = ?", call.appid)
    if held >= call.account.limits["tags"]:
        raise WeChatError(45056)
    tag_id = call.store.run("INSERT INTO tag (account, name) VALUES (?, ?)", call.appid, name)
    return {"tag": {"id": tag_id, "name": name}}


def get(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/tags/get: every tag with the number of its followers, the platform's own first."""
    rows = call.store.rows("SELECT id, name FROM tag WHERE account = ? ORDER BY id", call.appid)
    tags = [(_STARRED, _STARRED_NAME), *((row["id"], row["name"]) for row in rows)]
    return {"tags": [{"id": tag, "name": name, "count": _size(call, tag)} for tag, name in tags]}


def update(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/update: another name."""
    row = _named(call)
    call.store.run("UPDATE tag SET name = ? WHERE id = ?", _name(call, but=row["id"]), row["id"])
    return OK


def delete(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/delete: takes it off everyone, unless these are more than a hundred thousand."""
    row = _named(call)
    if _size(call, row["id"]) > call.account.limits["followers_of_a_deletable_tag"]:
        raise WeChatError(45057)
    with call.store.transaction():
        call.store.run("DELETE FROM tagged WHERE tag = ?", row["id"])
        call.store.run("DELETE FROM tag WHERE id = ?", row["id"])
    return OK


def batch_tag(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/members/batchtagging: all of the fifty openids at most, or none."""
    tag = existing(call, call.json.get("tagid"))
    persons = followers.listed(call, "openid_list", 1, MEMBERS_AT_ONCE)
    for person in persons:
        if _held(call, person, but=tag) >= call.account.limits["tags_per_follower"]:
            raise WeChatError(45059)
    call.store.run_many(
        "INSERT OR IGNORE INTO tagged VALUES (?, ?)", [(tag, person["position"]) for person in persons]
    )
    return OK


def batch_untag(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/members/batchuntagging."""
    tag = existing(call, call.json.get("tagid"))
    persons = followers.listed(call, "openid_list", 1, MEMBERS_AT_ONCE)
    call.store.run_many(
        "DELETE FROM tagged WHERE tag = ? AND follower = ?",
        [(tag, person["position"]) for person in persons],
    )
    return OK


def of_follower(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/tags/getidlist: the tags that a follower bears."""
    person = followers.known(call, call.json.get("openid"))
    rows = call.store.rows("SELECT tag FROM tagged WHERE follower = ? ORDER BY tag", person["position"])
    return {"tagid_list": [row["tag"] for row in rows]}


def members(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/user/tag/get: ten thousand openids a page."""
    rows = call.store.rows(
        f"SELECT openid {_MEMBERS} AND follower > ? ORDER BY follower LIMIT ?",
        existing(call, call.json.get("tagid")),
        call.appid,
        followers.after(call, call.json.get("next_openid")),
        PAGE,
    )
    return {**followers.page(rows), **({"next_openid": rows[-1]["openid"]} if rows else {})}


def existing(call: Call, tag_id: object, unknown: int = 45159) -> int:
    """The id of one of the account's tags. Raises WeChatError with the code `unknown`."""
    if tag_id == _STARRED:
        return _STARRED
    number = row_id(tag_id)
    if not call.store.row("SELECT 1 FROM tag WHERE id = ? AND account = ?", number, call.appid):
        raise WeChatError(unknown)
    return number


def _tag(call: Call) -> Mapping[str, Any]:
    tag = call.json.get("tag")
    return tag if isinstance(tag, dict) else {}


def _named(call: Call) -> sqlite3.Row:
    """The tag to be changed. Raises WeChatError for one of the platform's own and for none of the account's."""
    tag_id = _tag(call).get("id")
    if tag_id in _SYSTEM:
        raise WeChatError(45058)
    row = call.store.row("SELECT * FROM tag WHERE id = ?", existing(call, tag_id))
    if row is None:
        raise WeChatError(45159)
    return row


def _name(call: Call, but: int = 0) -> str:
    name = _tag(call).get("name")
    if not isinstance(name, str) or not name.strip() or name == _STARRED_NAME:
        raise WeChatError(45157)
    if len(name) > NAME_CHARS:
        raise WeChatError(45158)
    if call.store.row("SELECT 1 FROM tag WHERE account = ? AND name = ? AND id != ?", call.appid, name, but):
        raise WeChatError(45157)
    return name


def _size(call: Call, tag_id: int) -> int:
    return call.store.number(f"SELECT count(*) {_MEMBERS}", tag_id, call.appid)


def _held(call: Call, person: sqlite3.Row, but: int) -> int:
    return call.store.number(
        "SELECT count(*) FROM tagged WHERE follower = ? AND tag != ?", person["position"], but
    )
