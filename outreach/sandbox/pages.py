"""What people see: a phone with the articles and the timeline, an article, the page that asks for authorisation."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from outreach.sandbox import clock
from outreach.sandbox.accounts import WeiboAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.conversation import conversation_of
from outreach.sandbox.reading import row_id
from outreach.sandbox.wechat.materials import path_of
from outreach.sandbox.weibo.text import URL

_SHOWN: Final = 60
_KINDS: Final = {
    "template": "模板消息",
    "notice": "订阅通知",
    "customer": "客服消息",
    "preview": "群发预览",
    "passive": "自动回复",
    "mass": "群发消息",
}


def render(template: str, **values: Any) -> web.Response:
    """A page of this package's templates."""
    return web.Response(text=_TEMPLATES.get_template(template).render(**values), content_type="text/html")


async def show(request: web.Request) -> web.Response:
    """GET /: the demo's phones."""
    sandbox = request.app[SANDBOX]
    return render(
        "page.html",
        conversation=conversation_of(request),
        articles=_latest_articles(sandbox),
        statuses=_latest_statuses(sandbox),
        messages=_latest_messages(sandbox),
    )


async def article(request: web.Request) -> web.Response:
    """GET /s/{id}: a published article, or a draft under its temporary link."""
    sandbox, key = request.app[SANDBOX], request.match_info["id"]
    row = sandbox.store.row(
        "SELECT account, articles, published_at FROM publication WHERE article_id = ? AND published_at NOTNULL"
        " UNION ALL SELECT account, articles, finished_at FROM mass WHERE article_id = ? AND finished_at NOTNULL"
        " UNION ALL SELECT account, articles, updated_at FROM draft WHERE media_id = ?",
        *(key, key, key),
    )
    index = row_id(request.query.get("idx", "1"))
    articles: list[dict[str, Any]] = json.loads(row["articles"]) if row else []
    if row is None or not 1 <= index <= len(articles):
        raise web.HTTPNotFound(text="没有这篇文章。")
    chosen = articles[index - 1]
    return render(
        "article.html",
        article=chosen,
        deleted=chosen.get("is_deleted", False),
        content=_content(chosen),
        account=_name(sandbox, row["account"]),
        at=clock.on_screen(row["published_at"]),
    )


def _content(chosen: dict[str, Any]) -> Markup:
    """The body; of a picture post the plain text and its pictures."""
    if chosen["article_type"] == "news":
        return Markup(chosen["content"])  # noqa: S704 - filtered when the draft was taken
    pictures = Markup().join(
        Markup('<img src="{}" alt="">').format(path_of(each["image_media_id"]))
        for each in chosen["image_info"]["image_list"]
    )
    return pictures + Markup("<p>{}</p>").format(chosen["content"])


def _latest_articles(sandbox: Sandbox) -> list[dict[str, Any]]:
    rows = sandbox.store.rows(
        "SELECT * FROM (SELECT account, article_id, articles, published_at AS at FROM publication"
        " WHERE status = 0 ORDER BY publish_id DESC LIMIT ?)"
        " UNION ALL SELECT * FROM (SELECT account, article_id, articles, finished_at FROM mass"
        " WHERE status = 'SEND_SUCCESS' AND article_id NOTNULL ORDER BY msg_id DESC LIMIT ?)"
        " ORDER BY at DESC LIMIT ?",
        *(_SHOWN, _SHOWN, _SHOWN),
    )
    return [
        {
            "account": _name(sandbox, row["account"]),
            "at": clock.on_screen(row["at"]),
            "rows": [
                {
                    **each,
                    "path": f"/s/{row['article_id']}?idx={index}",
                    "cover": f"/mmbiz/{each['thumb_media_id']}/0",
                }
                for index, each in enumerate(json.loads(row["articles"]), start=1)
                if not each.get("is_deleted")
            ],
        }
        for row in rows
    ]


def _latest_statuses(sandbox: Sandbox) -> list[dict[str, Any]]:
    rows = sandbox.store.rows("SELECT * FROM status ORDER BY id DESC LIMIT ?", _SHOWN)
    return [
        {
            "account": _name(sandbox, row["account"]),
            "at": clock.on_screen(row["created_at"]),
            "text": _with_links(row["sent"]),
            "picture": f"/large/{row['picture']}" if row["picture"] else None,
        }
        for row in rows
    ]


def _latest_messages(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What followers were told: one by one, and mass messages that are no articles."""
    rows = sandbox.store.rows(
        "SELECT * FROM (SELECT account, openid, kind, content, at FROM message ORDER BY id DESC LIMIT ?)"
        " UNION ALL SELECT * FROM"
        " (SELECT account, '', 'mass', json_object(msgtype, json(content)), finished_at FROM mass"
        " WHERE status = 'SEND_SUCCESS' AND article_id IS NULL ORDER BY msg_id DESC LIMIT ?)"
        " ORDER BY at DESC LIMIT ?",
        *(_SHOWN, _SHOWN, _SHOWN),
    )
    return [
        {
            "account": _name(sandbox, row["account"]),
            "at": clock.on_screen(row["at"]),
            "kind": _KINDS[row["kind"]],
            "openid": row["openid"],
            "lines": _lines(json.loads(row["content"])),
        }
        for row in rows
    ]


def _lines(content: dict[str, Any]) -> list[str]:
    """The words in a message; of one without words what it is."""
    if "data" in content:
        return [field["value"] for field in content["data"].values()]
    text = content.get("text", {}).get("content") or content.get("Content")
    return (
        text.splitlines() if text else [f"（{content.get('msgtype') or content.get('MsgType') or '媒体'}）"]
    )


def _with_links(sent: str) -> Markup:
    """The text with each link as Weibo shows it, 网页链接."""
    shown, end = Markup(), 0
    for found in URL.finditer(sent):
        shown += escape(sent[end : found.start()])
        shown += Markup('<a href="{}" target="_blank" rel="noopener">网页链接</a>').format(found[0])
        end = found.end()
    return shown + escape(sent[end:])


def _name(sandbox: Sandbox, key: str) -> str:
    account = sandbox.accounts.find(key)
    return f"@{account.name}" if isinstance(account, WeiboAccount) else account.name if account else key


def _template(name: str) -> str:
    return resources.files("outreach.sandbox").joinpath(name).read_text("utf-8")


_TEMPLATES: Final = Environment(loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined)
