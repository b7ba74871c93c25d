"""The draft box (api_draft_add and its neighbours)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.content import filtered, summary
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.wechat.materials import is_permanent, is_uploaded, path_of

ARTICLES_MAX: Final = 8
TITLE_CHARS: Final = 32
AUTHOR_CHARS: Final = 16
DIGEST_CHARS: Final = 128
CONTENT_CHARS: Final = 20_000  # must stay below
CONTENT_BYTES: Final = 1024 * 1024  # must stay below
SOURCE_URL_BYTES: Final = 1024

Article = dict[str, Any]


def add(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/add: `{"media_id"}`; each call makes a draft of its own."""
    articles = call.json.get("articles")
    if not isinstance(articles, list) or not articles:
        raise WeChatError(44003)
    if len(articles) > ARTICLES_MAX:
        raise WeChatError(45008)
    kept = [_accepted(call, article, alone=len(articles) == 1) for article in articles]
    media_id = secrets.token_urlsafe(48)
    call.sandbox.store.run(
        "INSERT INTO draft (media_id, account, articles, updated_at) VALUES (?, ?, ?, ?)",
        media_id,
        call.account.appid,
        json.dumps(kept, ensure_ascii=False),
        call.sandbox.clock(),
    )
    return {"media_id": media_id}


def get(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/get: `{"news_item": […]}`; 40007 once it was published or deleted."""
    row = find(call)
    return {
        "news_item": _news(call, row),
        "create_time": int(row["updated_at"]),
        "update_time": int(row["updated_at"]),
    }


def batchget(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/draft/batchget: newest first, at most 20."""
    rows = call.sandbox.store.rows(
        "SELECT * FROM draft WHERE account = ? ORDER BY position DESC LIMIT ? OFFSET ?",
        call.account.appid,
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
    remove(call, find(call))
    return {"errcode": 0, "errmsg": "ok"}


def count(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/draft/count: `{"total_count"}`."""
    return {"total_count": _total(call)}


def find(call: Call) -> sqlite3.Row:
    """The caller's draft that the body's media_id names. Raises WeChatError (40007)."""
    row = call.sandbox.store.row(
        "SELECT * FROM draft WHERE media_id = ? AND account = ?",
        call.text("media_id", 40007),
        call.account.appid,
    )
    if row is None:
        raise WeChatError(40007)
    return row


def remove(call: Call, draft: sqlite3.Row) -> None:
    """Takes a draft out of the box."""
    call.sandbox.store.run("DELETE FROM draft WHERE position = ?", draft["position"])


def without_content(articles: list[Article]) -> list[Article]:
    """The articles as `no_content` wants them."""
    return [{**article, "content": ""} for article in articles]


def _total(call: Call) -> int:
    return call.sandbox.store.number("SELECT count(*) FROM draft WHERE account = ?", call.account.appid)


def _news(call: Call, row: sqlite3.Row) -> list[Article]:
    """The articles of a draft, each with the temporary link under which it can be looked at."""
    articles: list[Article] = json.loads(row["articles"])
    return [
        {**article, "url": f"{call.origin}/s/{row['media_id']}?idx={index}"}
        for index, article in enumerate(articles, start=1)
    ]


def _accepted(call: Call, article: Any, *, alone: bool) -> Article:
    """The article as it is kept. Raises WeChatError for the first field that is wrong."""
    if not isinstance(article, dict):
        raise WeChatError(47001)
    if article.get("article_type", "news") != "news":
        raise WeChatError(40035)
    title = _text(article, "title", TITLE_CHARS, 45003)
    if not title.strip():
        raise WeChatError(45003)
    author = _text(article, "author", AUTHOR_CHARS, 45110)
    digest = _text(article, "digest", DIGEST_CHARS, 45004)
    content = _content(call, article)
    source_url = _source_url(article)
    thumb = article.get("thumb_media_id")
    if not is_permanent(call, thumb):
        raise WeChatError(40007)
    open_comment, only_fans = _flag(article, "need_open_comment"), _flag(article, "only_fans_can_comment")
    if (open_comment or only_fans) and not call.account.verified:
        raise WeChatError(88000)
    return {
        "article_type": "news",
        "title": title,
        "author": author,
        "digest": (digest or summary(content)) if alone else "",
        "content": content,
        "content_source_url": source_url,
        "thumb_media_id": thumb,
        "thumb_url": call.origin + path_of(str(thumb)),
        "show_cover_pic": 0,
        "need_open_comment": open_comment,
        "only_fans_can_comment": only_fans,
    }


def _text(article: Article, name: str, longest: int, too_long: int) -> str:
    value = article.get(name, "")
    if not isinstance(value, str):
        raise WeChatError(47001)
    if len(value) > longest:
        raise WeChatError(too_long)
    return value


def _content(call: Call, article: Article) -> str:
    content = article.get("content")
    if not isinstance(content, str) or not content.strip():
        raise WeChatError(44003)
    if len(content) >= CONTENT_CHARS or len(content.encode()) >= CONTENT_BYTES:
        raise WeChatError(45002)
    kept = filtered(content, lambda url: is_uploaded(call, url))
    if not kept.strip():
        raise WeChatError(45166)
    return kept


def _source_url(article: Article) -> str:
    url = article.get("content_source_url", "")
    if not isinstance(url, str) or len(url.encode()) > SOURCE_URL_BYTES:
        raise WeChatError(41039)
    if url and not url.startswith(("http://", "https://")):
        raise WeChatError(41039)
    return url


def _flag(article: Article, name: str) -> int:
    value = article.get(name, 0)
    if value not in (0, 1):
        raise WeChatError(40035)
    return int(value)
