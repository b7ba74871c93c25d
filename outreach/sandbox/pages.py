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
from outreach.sandbox.weibo.text import URL

_SHOWN: Final = 60


def render(template: str, **values: Any) -> web.Response:
    """A page of this package's templates."""
    return web.Response(text=_TEMPLATES.get_template(template).render(**values), content_type="text/html")


async def phone(request: web.Request) -> web.Response:
    """GET /: the demo's phone."""
    sandbox = request.app[SANDBOX]
    return render("page.html", articles=_latest_articles(sandbox), statuses=_latest_statuses(sandbox))


async def article(request: web.Request) -> web.Response:
    """GET /s/{id}: a published article, or a draft under its temporary link."""
    sandbox, key = request.app[SANDBOX], request.match_info["id"]
    row = sandbox.store.row(
        "SELECT account, articles, published_at FROM publication WHERE article_id = ? AND published_at NOTNULL"
        " UNION ALL SELECT account, articles, updated_at FROM draft WHERE media_id = ?",
        key,
        key,
    )
    index = request.query.get("idx", "1")
    articles: list[dict[str, Any]] = json.loads(row["articles"]) if row else []
    if row is None or not index.isdecimal() or not 1 <= int(index) <= len(articles):
        raise web.HTTPNotFound(text="没有这篇文章。")
    chosen = articles[int(index) - 1]
    return render(
        "article.html",
        article=chosen,
        deleted=chosen.get("is_deleted", False),
        content=Markup(chosen["content"]),  # noqa: S704 - filtered when the draft was taken
        account=_name(sandbox, row["account"]),
        at=clock.on_screen(row["published_at"]),
    )


def _latest_articles(sandbox: Sandbox) -> list[dict[str, Any]]:
    rows = sandbox.store.rows(
        "SELECT * FROM publication WHERE status = 0 ORDER BY published_at DESC, publish_id DESC LIMIT ?",
        _SHOWN,
    )
    return [
        {
            "account": _name(sandbox, row["account"]),
            "at": clock.on_screen(row["published_at"]),
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
