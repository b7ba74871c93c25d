"""statuses/share, user_timeline, show and count (open.weibo.com/wiki/2/statuses/share and its neighbours)."""

from __future__ import annotations

import ipaddress
import secrets
import sqlite3
import string
from collections.abc import Mapping
from typing import Any, Final

import filetype
from aiohttp import web

from outreach.sandbox import clock
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.reading import row_id
from outreach.sandbox.weibo import text as rules
from outreach.sandbox.weibo.calls import Call
from outreach.sandbox.weibo.errors import WeiboError

_PICTURE_BYTES: Final = 5 * 1024 * 1024  # must stay below
_PICTURES: Final = ("image/jpeg", "image/gif", "image/png")
_TIMELINE_ROWS: Final = 5
_COUNTED_MAX: Final = 100
_SAME_TEXT_S: Final = 24 * 3600
_EPOCH_S: Final = 515_483_463  # mids count from here, in seconds, above 22 bits of sequence


def share(call: Call) -> Mapping[str, Any]:
    """POST /2/statuses/share.json: publishes a status, with one picture at most; returns it."""
    text = _text(call)
    _check_address(call)
    picture = _picture(call)
    _check_new(call, text)
    _check_rate(call)
    store, now = call.sandbox.store, call.sandbox.clock()
    with store.transaction():
        picture_id = _keep_picture(call, picture) if picture else None
        status_id = max(
            ((int(now) - _EPOCH_S) << 22) + secrets.randbelow(5000),
            store.number("SELECT max(id) FROM status") + secrets.randbelow(5000) + 1,
        )
        store.run(
            "INSERT INTO status (id, account, sent, text, picture, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            status_id,
            call.account.uid,
            text,
            rules.URL.sub(lambda found: _shortened(call.sandbox, found[0]), text),
            picture_id,
            now,
        )
    row = store.row("SELECT * FROM status WHERE id = ?", status_id)
    return _shown(call, row) if row else {}


def user_timeline(call: Call) -> Mapping[str, Any]:
    """GET /2/statuses/user_timeline.json: the user's own latest five, newest first."""
    if call.values.get("uid", call.account.uid) != call.account.uid:
        raise WeiboError(10014)
    since, count = _number(call, "since_id", 0), min(_number(call, "count", _TIMELINE_ROWS), _TIMELINE_ROWS)
    rows = call.sandbox.store.rows(
        "SELECT * FROM status WHERE account = ? ORDER BY id DESC LIMIT ?", call.account.uid, count
    )
    total = call.sandbox.store.number("SELECT count(*) FROM status WHERE account = ?", call.account.uid)
    return {
        "statuses": [_shown(call, row) for row in rows if row["id"] > since],
        "previous_cursor": 0,
        "next_cursor": 0,
        "total_number": total,
    }


def show(call: Call) -> Mapping[str, Any]:
    """GET /2/statuses/show.json?id=: one of the user's own statuses."""
    status_id = call.values.get("id", "")
    if not status_id:
        raise WeiboError(20109)
    row = _own(call, status_id)
    if row is None:
        raise WeiboError(20101)
    return _shown(call, row)


def count(call: Call) -> list[Mapping[str, Any]]:
    """GET /2/statuses/count.json?ids=a,b: reposts, comments and likes of a hundred statuses at most."""
    ids = [each for each in call.values.get("ids", "").split(",") if each]
    if not ids:
        raise WeiboError(10016, "ids")
    if len(ids) > _COUNTED_MAX:
        raise WeiboError(10008)
    found = [row for each in ids if (row := _own(call, each))]
    return [{"id": str(row["id"]), "comments": 0, "reposts": 0, "attitudes": 0} for row in found]


def statuses(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Every status, oldest first: `text` as it was sent, `shown` as Weibo shows it."""
    return [
        {
            "id": str(row["id"]),
            "account": row["account"],
            "text": row["sent"],
            "created_at": clock.iso(row["created_at"]),
            "shown": row["text"],
            "picture": f"/large/{row['picture']}" if row["picture"] else None,
        }
        for row in sandbox.store.rows("SELECT * FROM status ORDER BY id")
    ]


async def picture(request: web.Request) -> web.Response:
    """GET /large/{id}: the picture of a status."""
    row = request.app[SANDBOX].store.row("SELECT * FROM picture WHERE id = ?", request.match_info["id"])
    if row is None:
        raise web.HTTPNotFound
    return web.Response(body=row["content"], content_type=row["content_type"])


def _own(call: Call, status_id: str) -> sqlite3.Row | None:
    return call.sandbox.store.row(
        "SELECT * FROM status WHERE id = ? AND account = ?",
        row_id(status_id),
        call.account.uid,
    )


def _text(call: Call) -> str:
    text = call.values.get("status")
    if text is None:
        raise WeiboError(10016, "status")
    if not text.strip():
        raise WeiboError(20008)
    if rules.length(text) > rules.TEXT_CHARS:
        raise WeiboError(20012)
    if rules.has_topic(text):
        raise WeiboError(
            10017,
            "Parameter (status)'s value invalid, expect (no topic) , but get (#topic#) , see doc for more info",
        )
    domains = call.sandbox.accounts.security_domains(call.account)
    if not domains:
        raise WeiboError(10017, "appkey not bind domain!")
    if not rules.links_home(text, domains):
        raise WeiboError(10017, "text not find domain!")
    return text


def _check_address(call: Call) -> None:
    address = call.values.get("rip", "")
    if not address:
        raise WeiboError(10016, "rip")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise WeiboError(
            10017,
            f"Parameter (rip)'s value invalid, expect (ip) , but get ({address}) , see doc for more info",
        ) from None


def _picture(call: Call) -> bytes | None:
    part = call.files.get("pic")
    if part is None:
        if "pic" in call.values:
            raise WeiboError(20007)
        return None
    content = part.file.read()
    found = filetype.guess(content)
    if found is None or found.mime not in _PICTURES:
        raise WeiboError(20005)
    if len(content) >= _PICTURE_BYTES:
        raise WeiboError(20006)
    return content


def _check_new(call: Call, text: str) -> None:
    if call.sandbox.store.row(
        "SELECT 1 FROM status WHERE account = ? AND sent = ? AND created_at > ?",
        call.account.uid,
        text,
        call.sandbox.clock() - _SAME_TEXT_S,
    ):
        raise WeiboError(20019)


def _check_rate(call: Call) -> None:
    used = call.sandbox.store.count_use(call.account.uid, "posts", clock.hour(call.sandbox.clock()))
    if used > call.account.limits["posts_per_hour"]:
        raise WeiboError(10024, "statuses/share")


def _keep_picture(call: Call, content: bytes) -> str:
    picture_id = secrets.token_hex(16)
    call.sandbox.store.run(
        "INSERT INTO picture VALUES (?, ?, ?)", picture_id, filetype.guess(content).mime, content
    )
    return picture_id


def _shortened(sandbox: Sandbox, url: str) -> str:
    known = sandbox.store.row("SELECT code FROM short_link WHERE url = ?", url)
    if known:
        return f"http://t.cn/{known['code']}"
    code = "A6" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(6))
    sandbox.store.run("INSERT INTO short_link VALUES (?, ?)", code, url)
    return f"http://t.cn/{code}"


def _number(call: Call, name: str, default: int) -> int:
    value = row_id(call.values.get(name) or default)
    if value < 0:
        raise WeiboError(10008)
    return value


def _shown(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """The status object. `id` is rounded, as in the official sample: JavaScript's numbers end at 2^53."""
    link = f"{call.origin}/large/{row['picture']}"
    pictures = {"thumbnail_pic": link, "bmiddle_pic": link, "original_pic": link} if row["picture"] else {}
    brief = call.values.get("trim_user") == "1"
    return {
        "created_at": clock.weibo_time(row["created_at"]),
        "id": row["id"] // 10_000 * 10_000,
        "mid": str(row["id"]),
        "idstr": str(row["id"]),
        "text": row["text"],
        "source": '<a href="http://app.weibo.com/t/feed/outreach" rel="nofollow">未通过审核应用</a>',
        "favorited": False,
        "truncated": False,
        "in_reply_to_status_id": "",
        "in_reply_to_user_id": "",
        "in_reply_to_screen_name": "",
        **pictures,
        "pic_ids": [row["picture"]] if row["picture"] else [],
        "geo": None,
        **({"uid": int(call.account.uid)} if brief else {"user": _user(call)}),
        "reposts_count": 0,
        "comments_count": 0,
        "attitudes_count": 0,
        "visible": {"type": 0, "list_id": 0},
    }


def _user(call: Call) -> dict[str, Any]:
    account = call.account
    return {
        "id": int(account.uid),
        "idstr": account.uid,
        "screen_name": account.name,
        "name": account.name,
        "verified": account.verified,
        "statuses_count": call.sandbox.store.number(
            "SELECT count(*) FROM status WHERE account = ?", account.uid
        ),
    }
