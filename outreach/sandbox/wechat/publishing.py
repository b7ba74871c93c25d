"""freepublish: a draft becomes an article, asynchronously (api_freepublish_submit and its neighbours)."""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.clock import iso
from outreach.sandbox.context import Sandbox
from outreach.sandbox.reading import row_id
from outreach.sandbox.wechat import drafts
from outreach.sandbox.wechat.articles import Article
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.followers import openid
from outreach.sandbox.wechat.permalinks import links, news
from outreach.sandbox.wechat.push import Delivery, deliver

PUBLISHED: Final = 0
PUBLISHING: Final = 1
DELETED: Final = 5
_NAMES_ARTICLES: Final = (2, 4)  # outcomes that tell in fail_idx which articles were at fault


def submit(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/freepublish/submit: takes the draft out of the box; the result comes later, as an event.
    A draft whose publication fails lies in the box again: it leaves it only for good once it is published."""
    draft = drafts.find(call, call.json.get("media_id"))
    store, settings = call.sandbox.store, call.sandbox.settings()
    with store.transaction():
        drafts.remove(call, draft)
        publish_id = store.run(
            "INSERT INTO publication (account, media_id, article_id, origin, articles, status, outcome, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            call.appid,
            draft["media_id"],
            secrets.token_urlsafe(32),
            call.origin,
            draft["articles"],
            PUBLISHING,
            int(settings["publish_status"]),
            call.sandbox.clock() + settings["publish_delay_s"],
        )
    call.sandbox.spawn(_finish(call.sandbox, publish_id))
    return {"errcode": 0, "errmsg": "ok", "publish_id": str(publish_id), "msg_data_id": publish_id}


def get(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/freepublish/get: where the job stands."""
    row = call.sandbox.store.row(
        "SELECT * FROM publication WHERE publish_id = ? AND account = ?",
        row_id(call.text("publish_id", 53502)),
        call.appid,
    )
    if row is None:
        raise WeChatError(53502)
    return {"publish_id": str(row["publish_id"]), **_outcome(row)}


def batchget(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/freepublish/batchget: what is published, newest first, at most 20."""
    store, bare = call.sandbox.store, call.number("no_content", 0, 1, default=0) == 1
    rows = store.rows(
        "SELECT * FROM publication WHERE account = ? AND status = ? ORDER BY published_at DESC, publish_id DESC"
        " LIMIT ? OFFSET ?",
        call.appid,
        PUBLISHED,
        call.number("count", 1, 20),
        call.number("offset", 0, 10**9),
    )
    items = [
        {
            "article_id": row["article_id"],
            "content": {
                "news_item": drafts.without_content(news(row)) if bare else news(row),
                "create_time": int(row["published_at"]),
                "update_time": int(row["published_at"]),
            },
            "update_time": int(row["published_at"]),
        }
        for row in rows
    ]
    total = store.number(
        "SELECT count(*) FROM publication WHERE account = ? AND status = ?", call.appid, PUBLISHED
    )
    return {"total_count": total, "item_count": len(items), "item": items}


def getarticle(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/freepublish/getarticle: `{"news_item": […]}`; 53600 for an unknown article_id."""
    return {"news_item": news(find(call, call.json.get("article_id")))}


def delete(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/freepublish/delete: one article by its index from 1, all with 0 or without; for good, and no event
    tells of it. What is deleted already is refused (53600): nothing promises that a second call is taken."""
    row = find(call, call.json.get("article_id"))
    articles: list[Article] = json.loads(row["articles"])
    index = call.number("index", 0, len(articles), default=0, wrong=40114)
    chosen = [
        article
        for number, article in enumerate(articles, start=1)
        if index in (0, number) and not article.get("is_deleted")
    ]
    if not chosen:
        raise WeChatError(53600)
    for article in chosen:
        article["is_deleted"] = True
    all_gone = all(article.get("is_deleted") for article in articles)
    call.sandbox.store.run(
        "UPDATE publication SET articles = ?, status = ? WHERE publish_id = ?",
        json.dumps(articles, ensure_ascii=False),
        DELETED if all_gone else PUBLISHED,
        row["publish_id"],
    )
    return OK


def find(call: Call, article_id: object) -> sqlite3.Row:
    """The caller's publication of that article_id, deleted ones included. Raises WeChatError (53600)."""
    row = isinstance(article_id, str) and call.store.row(
        "SELECT * FROM publication WHERE article_id = ? AND account = ? AND status IN (?, ?)",
        article_id,
        call.appid,
        PUBLISHED,
        DELETED,
    )
    if not row:
        raise WeChatError(53600)
    return row


def resume(sandbox: Sandbox) -> None:
    """Goes on with every publication that a kill interrupted, its event included."""
    for row in sandbox.store.rows("SELECT publish_id FROM publication WHERE told = 0"):
        sandbox.spawn(_finish(sandbox, row["publish_id"]))


async def tell(sandbox: Sandbox, publish_id: int) -> Delivery | None:
    """Pushes PUBLISHJOBFINISH of a finished publication; None if there is no such."""
    row = sandbox.store.row("SELECT * FROM publication WHERE publish_id = ?", publish_id)
    account = sandbox.accounts.wechat(row["account"]) if row else None
    if row is None or account is None or row["status"] == PUBLISHING:
        return None
    event = {
        "FromUserName": openid(account, "mass helper"),
        "CreateTime": int(row["published_at"]),
        "MsgType": "event",
        "Event": "PUBLISHJOBFINISH",
        "PublishEventInfo": {"publish_id": row["publish_id"], **_outcome(row)},
    }
    return await deliver(sandbox, account, event)


def articles(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Every published article that was not deleted, oldest first, a row an article."""
    rows = sandbox.store.rows(
        "SELECT * FROM publication WHERE status = ? ORDER BY published_at, publish_id", PUBLISHED
    )
    return [article for row in rows for article in _control_rows(row)]


async def _finish(sandbox: Sandbox, publish_id: int) -> None:
    """Waits until the job is due, ends it, and tells the service."""
    row = sandbox.store.row("SELECT due_at, outcome FROM publication WHERE publish_id = ?", publish_id)
    if row is None:
        return
    await asyncio.sleep(max(0.0, row["due_at"] - sandbox.clock()))
    with sandbox.store.transaction():
        ended = sandbox.store.change(
            "UPDATE publication SET status = outcome, published_at = ? WHERE publish_id = ? AND status = ?",
            sandbox.clock(),
            publish_id,
            PUBLISHING,
        )
        if ended and row["outcome"] != PUBLISHED:
            sandbox.store.run(
                "INSERT INTO draft (media_id, account, articles, updated_at)"
                " SELECT media_id, account, articles, published_at FROM publication WHERE publish_id = ?",
                publish_id,
            )
    await tell(sandbox, publish_id)
    sandbox.store.run("UPDATE publication SET told = 1 WHERE publish_id = ?", publish_id)


def _outcome(row: sqlite3.Row) -> dict[str, Any]:
    """Status, and what it tells: where the articles stand, or which of them were at fault."""
    told: dict[str, Any] = {"publish_status": row["status"]}
    if row["status"] == PUBLISHED:
        items = links(row)
        told |= {"article_id": row["article_id"], "article_detail": {"count": len(items), "item": items}}
    return {**told, "fail_idx": _fail_idx(row)}


def _fail_idx(row: sqlite3.Row) -> list[int]:
    return list(range(1, len(json.loads(row["articles"])) + 1)) if row["status"] in _NAMES_ARTICLES else []


def _control_rows(row: sqlite3.Row) -> list[dict[str, Any]]:
    shown = news(row)
    return [
        {
            "id": row["article_id"] if len(shown) == 1 else f"{row['article_id']}_{index}",
            "article_id": row["article_id"],
            "account": row["account"],
            "title": article["title"],
            "content": article["content"],
            "url": article["url"],
            "published_at": iso(row["published_at"]),
            "author": article["author"],
            "digest": article["digest"],
            "content_source_url": article["content_source_url"],
        }
        for index, article in enumerate(shown, start=1)
        if not article["is_deleted"]
    ]
