"""Template messages: industry, the account's own templates, and sending (verified service accounts only)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox import clock
from outreach.sandbox.wechat import deliveries, fields, followers, messages, template_library
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.industries import INDUSTRIES
from outreach.sandbox.wechat.template_library import Entry

SAME_TEXT_S: Final = 60
SAME_CLIENT_ID_S: Final = 600


def set_industry(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/template/api_set_industry: two different ones, once a month."""
    first, second = (str(call.json.get(name)) for name in ("industry_id1", "industry_id2"))
    if first not in INDUSTRIES or second not in INDUSTRIES or first == second:
        raise WeChatError(40102)
    limit, month = "industry_changes_per_month", clock.month(call.now)
    if call.store.count_use(call.appid, limit, month) > call.account.limits[limit]:
        raise WeChatError(43100)
    call.store.run("INSERT OR REPLACE INTO industry VALUES (?, ?, ?)", call.appid, first, second)
    return OK


def get_industry(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/template/get_industry."""
    row = call.store.row("SELECT first, second FROM industry WHERE account = ?", call.appid)
    chosen = [INDUSTRIES[row[0]], INDUSTRIES[row[1]]] if row else [("", ""), ("", "")]
    named = [{"first_class": first, "second_class": second} for first, second in chosen]
    return {"primary_industry": named[0], "secondary_industry": named[1]}


def add(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/template/api_add_template: takes one out of the library, 25 at most."""
    entry = _chosen(call, call.text("template_id_short", 40037))
    held = call.store.number(
        "SELECT count(*) FROM template WHERE account = ? AND kind = 'template'", call.appid
    )
    if held >= call.account.limits["templates"]:
        raise WeChatError(45026)
    return {**OK, "template_id": keep(call, "template", entry)}


def get_all(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/template/get_all_private_template."""
    rows = call.store.rows(
        "SELECT * FROM template WHERE account = ? AND kind = 'template' ORDER BY rowid", call.appid
    )
    return {"template_list": [_listed(row) for row in rows]}


def delete(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/template/del_private_template."""
    row = find(call, "template", call.json.get("template_id"))
    call.store.run("DELETE FROM template WHERE template_id = ?", row["template_id"])
    return OK


def send(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/template/send: `{"msgid"}`; whether it arrived is told by an event.

    The same client_msg_id again within ten minutes is answered as before and sent no second time; the same
    content within a minute without it is refused (40241).
    """
    person = str(followers.reachable(call, call.json.get("touser"))["openid"])
    row = find(call, "template", call.json.get("template_id"))
    content = _content(call, fields.check(call.json.get("data"), _required(row)))
    client_msg_id = _client_msg_id(call)
    sent = _sent_before(call, person, client_msg_id) if client_msg_id else None
    if sent is None:
        sent = _send(call, person, row["template_id"], content, client_msg_id)
    return {**OK, "msgid": sent}


def keep(call: Call, kind: str, entry: Entry) -> str:
    """Adds a template of a library to the account's own; its template_id."""
    template_id = secrets.token_urlsafe(32)
    call.store.run(
        "INSERT INTO template VALUES (?, ?, ?, ?, ?, ?)",
        template_id,
        call.appid,
        kind,
        entry.title,
        json.dumps(dict(entry.keywords), ensure_ascii=False),
        int(entry.lasting),
    )
    return template_id


def find(call: Call, kind: str, template_id: object) -> sqlite3.Row:
    """The account's template of that id. Raises WeChatError (40037)."""
    row = isinstance(template_id, str) and call.store.row(
        "SELECT * FROM template WHERE template_id = ? AND account = ? AND kind = ?",
        template_id,
        call.appid,
        kind,
    )
    if not row:
        raise WeChatError(40037)
    return row


def link(call: Call) -> dict[str, Any]:
    """Where a notice leads to: `url` or `page`, or a mini-program. Raises WeChatError (40039, 40013)."""
    for name in ("url", "page"):
        url = call.json.get(name)
        if url and not (isinstance(url, str) and url.startswith(("http://", "https://"))):
            raise WeChatError(40039)
    target = call.json.get("miniprogram")
    if target and not (isinstance(target, dict) and str(target.get("appid", "")).startswith("wx")):
        raise WeChatError(40013)
    return {name: call.json[name] for name in ("url", "page", "miniprogram") if call.json.get(name)}


def _chosen(call: Call, short_id: str) -> Entry:
    """The library's template of that number, with the keywords that the account wants of it."""
    entry = template_library.of_industry(short_id)
    if entry:
        return entry
    whole = template_library.CATEGORY.get(short_id)
    if whole is None:
        raise WeChatError(40037)
    wanted = call.json.get("keyword_name_list")
    if not isinstance(wanted, list) or not wanted or not all(name in whole.keywords for name in wanted):
        raise WeChatError(40246)
    return Entry(whole.title, {name: whole.keywords[name] for name in wanted})


def _listed(row: sqlite3.Row) -> dict[str, Any]:
    content = template_library.content(json.loads(row["keywords"]))
    return {
        "template_id": row["template_id"],
        "title": row["title"],
        "primary_industry": "政府与公共事业",
        "deputy_industry": "公共事业非盈利机构",
        "content": content,
        "example": content.replace("{{", "").replace(".DATA}}", ""),
    }


def _required(row: sqlite3.Row) -> list[str]:
    """The fields that must be filled: all of a category template; an industry template shows gaps as blanks."""
    names = json.loads(row["keywords"]).values()
    return [name for name in names if not name.startswith("keyword")]


def _content(call: Call, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": data, **link(call)}


def _client_msg_id(call: Call) -> str | None:
    value = call.json.get("client_msg_id")
    return str(value) if value else None


def _sent_before(call: Call, person: str, client_msg_id: str) -> int | None:
    row = call.store.row(
        "SELECT id FROM message WHERE openid = ? AND client_msg_id = ? AND account = ? AND at > ?",
        person,
        client_msg_id,
        call.appid,
        call.now - SAME_CLIENT_ID_S,
    )
    return int(row["id"]) if row else None


def _send(
    call: Call, person: str, template_id: str, content: Mapping[str, Any], client_msg_id: str | None
) -> int:
    told = messages.digest("template", content, template_id)
    if messages.same_since(call.store, person, told, call.now - SAME_TEXT_S):
        raise WeChatError(40241)
    return deliveries.send(
        call, person, "template", content, template_id=template_id, client_msg_id=client_msg_id
    )
