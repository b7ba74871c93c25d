"""The draft box (api_draft_add and its neighbours)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.wechat.articles import Article, accepted
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError

ARTICLES_MAX: Final = 8


def add(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/add: `{"media_id"}`; each call makes a draft of its own."""
    articles = call.json.get("articles")
    if not isinstance(articles, list) or not articles:
        raise WeChatError(44003)
    if len(articles) > ARTICLES_MAX:
        raise WeChatError(45008)
    kept = [accepted(call, article, alone=len(articles) == 1) for article in articles]
    media_id = secrets.token_urlsafe(48)
    call.store.run(
        "INSERT INTO draft (media_id, account, articles, updated_at) VALUES (?, ?, ?, ?)",
        media_id,
        call.appid,
        json.dumps(kept, ensure_ascii=False),
        call.now,
    )
    return {"media_id": media_id}


def update(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/update: puts an article in the place of the one at `index`, from 0."""
    row = find(call, call.json.get("media_id"))
    articles: list[Article] = json.loads(row["articles"])
    index = call.json.get("index", 0)
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(articles):
        raise WeChatError(40114)
    articles[index] = accepted(call, call.json.get("articles"), alone=len(articles) == 1)
    call.store.run(
        "UPDATE draft SET articles = ?, updated_at = ? WHERE position = ?",
        json.dumps(articles, ensure_ascii=False),
        call.now,
        row["position"],
    )
    return OK


def get(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/get: `{"news_item": […]}`; 40007 once it was published or deleted."""
    row = find(call, call.json.get("media_id"))
    return {
        "news_item": _news(call, row),
        "create_time": int(row["updated_at"]),
        "update_time": int(row["updated_at"]),
    }


def batchget(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/batchget: newest first, at most 20."""
    rows = call.store.rows(
        "SELECT * FROM draft WHERE account = ? ORDER BY position DESC LIMIT ? OFFSET ?",
        call.appid,
        call.number("count", 1, 20),
        call.number("offset", 0, 10**9),
    )
    bare = call.number("no_content", 0, 1, default=0) == 1
    items = [
        {
            "media_id": row["media_id"],
            "content": {
                "news_item": without_content(_news(call, row)) if bare else _news(call, row),
                "create_time": int(row["updated_at"]),
                "update_time": int(row["updated_at"]),
            },
            "update_time": int(row["updated_at"]),
        }
        for row in rows
    ]
    return {"total_count": _total(call), "item_count": len(items), "item": items}


def delete(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/delete: for good."""
    remove(call, find(call, call.json.get("media_id")))
    return OK


def count(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/draft/count: `{"total_count"}`."""
    return {"total_count": _total(call)}


def find(call: Call, media_id: object) -> sqlite3.Row:
    """The caller's draft of that media_id. Raises WeChatError (40007)."""
    row = isinstance(media_id, str) and call.store.row(
        "SELECT * FROM draft WHERE media_id = ? AND account = ?", media_id, call.appid
    )
    if not row:
        raise WeChatError(40007)
    return row


def remove(call: Call, draft: sqlite3.Row) -> None:
    """Takes a draft out of the box."""
    call.store.run("DELETE FROM draft WHERE position = ?", draft["position"])


def without_content(articles: list[Article]) -> list[Article]:
    """The articles as `no_content` wants them."""
    return [{**article, "content": ""} for article in articles]


def _total(call: Call) -> int:
    return call.store.number("SELECT count(*) FROM draft WHERE account = ?", call.appid)


def _news(call: Call, row: sqlite3.Row) -> list[Article]:
    """The articles of a draft, each with the temporary link under which it can be looked at."""
    articles: list[Article] = json.loads(row["articles"])
    return [
        {**article, "url": f"{call.origin}/s/{row['media_id']}?idx={index}"}
        for index, article in enumerate(articles, start=1)
    ]
