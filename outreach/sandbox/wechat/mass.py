"""Mass messages: to everyone, to a tag, to a list of followers (api_sendall, api_masssend and their neighbours)."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from outreach.sandbox import clock
from outreach.sandbox.reading import address, row_id
from outreach.sandbox.wechat import drafts, followers, mass_content, mass_jobs, messages, tags
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.mass_content import Content
from outreach.sandbox.wechat.mass_jobs import DELETED, SENDING, SUCCESS, Target

CLIENT_ID_BYTES: Final = 32
SAME_ID_S: Final = 24 * 3600
RETRY_AFTER_S: Final = 60
OPENIDS_MIN: Final = 2
OPENIDS_MAX: Final = 10_000

_REPRINT_NOT_WANTED: Final = 30003
_WECHAT_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{5,19}")
_DELETABLE: Final = ("mpnews", "mpvideo")


def send_all(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/mass/sendall: to all followers or to those of a tag."""
    chosen = call.json.get("filter")
    chosen = chosen if isinstance(chosen, dict) else {}
    if chosen.get("is_to_all") is True:
        return _accept(call, Target())
    return _accept(call, Target(tag=tags.existing(call, chosen.get("tag_id"), 40152)))


def send(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/mass/send: to 2 to 10,000 followers by their openids."""
    openids = call.json.get("touser")
    if not isinstance(openids, list) or not all(isinstance(each, str) for each in openids):
        raise WeChatError(40031)
    if len(openids) > OPENIDS_MAX:
        raise WeChatError(40032)
    target = Target(openids=tuple(dict.fromkeys(openids)))
    if mass_jobs.size(call.store, call.appid, target) < OPENIDS_MIN:
        raise WeChatError(40130)
    return _accept(call, target)


def preview(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/mass/preview: to one person, by WeChat id or openid; the first goes before."""
    content = mass_content.read(call)
    name = call.json.get("towxname")
    if name:
        if not isinstance(name, str) or not _WECHAT_ID.fullmatch(name):
            raise WeChatError(40132)
        person = followers.openid(call.account, name)
    else:
        person = str(followers.known(call, call.json.get("touser"))["openid"])
    said = {"msgtype": content.msgtype, content.msgtype: content.said}
    msg_id = messages.record(call.sandbox, call.appid, person, "preview", said)
    return {"errcode": 0, "errmsg": "preview success", "msg_id": msg_id}


def get(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/mass/get: how the job stands."""
    row = _find(call)
    return {"msg_id": row["msg_id"], "msg_status": row["status"]}


def delete(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/mass/delete: articles (one by its index from 1, all with 0) or a video."""
    if call.json.get("msg_id") or not call.json.get("url"):
        row, index = _find(call), call.json.get("article_idx", 0)
    else:
        row, index = _by_url(call, str(call.json["url"]))
    if row["status"] != SUCCESS:
        raise WeChatError(40059)
    if row["msgtype"] not in _DELETABLE:
        raise WeChatError(40008)
    articles = json.loads(row["articles"])
    if not isinstance(index, int) or not 0 <= index <= max(len(articles), 1):
        raise WeChatError(40060)
    for number, article in enumerate(articles, start=1):
        article["is_deleted"] = article.get("is_deleted", False) or index in (0, number)
    all_gone = all(article["is_deleted"] for article in articles)
    call.store.run(
        "UPDATE mass SET articles = ?, status = ? WHERE msg_id = ?",
        json.dumps(articles, ensure_ascii=False),
        DELETED if all_gone else SUCCESS,
        row["msg_id"],
    )
    return OK


def _accept(call: Call, target: Target) -> Mapping[str, Any]:
    client_msg_id = _client_msg_id(call, target)
    _check_new(call, client_msg_id)
    content = mass_content.read(call)
    ignore_reprint = call.number("send_ignore_reprint", 0, 1, default=0) == 1
    mass_jobs.check_quota(call, target)
    settings = call.sandbox.settings()
    error = int(settings["mass_error"])
    with call.store.transaction():
        msg_id = _keep(
            call,
            target,
            content,
            client_msg_id,
            outcome=0 if ignore_reprint and error == _REPRINT_NOT_WANTED else error,
            due_at=call.now + settings["publish_delay_s"],
        )
        if content.draft:
            drafts.remove(call, content.draft)
    mass_jobs.start(call.sandbox, msg_id)
    if settings["mass_protection"]:
        raise WeChatError(89504)
    answer = {"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id}
    return {**answer, "msg_data_id": msg_id} if content.draft else answer


def _client_msg_id(call: Call, target: Target) -> str:
    """The caller's own id, or one that the server makes of target and content."""
    given = call.json.get("clientmsgid")
    if given is None or given == "":
        told = {name: value for name, value in call.json.items() if name not in ("filter", "touser")}
        return hashlib.sha256(json.dumps([target.shown(), told], sort_keys=True).encode()).hexdigest()
    if len(str(given).encode()) > CLIENT_ID_BYTES:
        raise WeChatError(45067)
    return str(given)


def _check_new(call: Call, client_msg_id: str) -> None:
    """Raises WeChatError where the id was used within 24 hours: 45066 in the first minute, then 45065."""
    row = call.store.row(
        "SELECT msg_id, accepted_at FROM mass WHERE account = ? AND client_msg_id = ? AND accepted_at > ?",
        call.appid,
        client_msg_id,
        call.now - SAME_ID_S,
    )
    if row is None:
        return
    if call.now < row["accepted_at"] + RETRY_AFTER_S:
        raise WeChatError(45066)
    raise WeChatError(45065, more={"msg_id": row["msg_id"]})


def _keep(
    call: Call, target: Target, content: Content, client_msg_id: str, *, outcome: int, due_at: float
) -> int:
    return call.store.run(
        "INSERT INTO mass (account, client_msg_id, target, to_all, msgtype, content, article_id, articles, origin,"
        " status, outcome, day, accepted_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        call.appid,
        client_msg_id,
        json.dumps(target.shown()),
        int(target.to_all),
        content.msgtype,
        json.dumps(content.said, ensure_ascii=False),
        secrets.token_urlsafe(32) if content.draft else None,
        content.draft["articles"] if content.draft else "[]",
        call.origin,
        SENDING,
        outcome,
        clock.day(call.now),
        call.now,
        due_at,
    )


def _find(call: Call) -> sqlite3.Row:
    row = call.store.row(
        "SELECT * FROM mass WHERE msg_id = ? AND account = ?",
        row_id(call.json.get("msg_id")),
        call.appid,
    )
    if row is None:
        raise WeChatError(40059)
    return row


def _by_url(call: Call, url: str) -> tuple[sqlite3.Row, int]:
    """The message and the index of the article that has this address. Raises WeChatError (40065)."""
    parts = address(url)
    row = call.store.row(
        "SELECT * FROM mass WHERE article_id = ? AND account = ?", parts.path.removeprefix("/s/"), call.appid
    )
    index = row_id(parse_qs(parts.query).get("idx", ["1"])[0])
    if row is None or index < 0:
        raise WeChatError(40065)
    return row, index
