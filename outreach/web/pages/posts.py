"""/posts: what was planned, is under way and went out."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.stops import stops
from outreach.publishing.model import PostState
from outreach.publishing.queries import list_posts
from outreach.publishing.rules import STATE_LABELS
from outreach.web import keys
from outreach.web.rendering import render

_ROWS: Final = 50


async def show(request: web.Request) -> web.Response:
    """GET /posts?state=&account=&cursor="""
    state, account_id = _state(request), _text(request, "account")
    async with keys.office_of(request).db.read() as session:
        posts, cursor = await list_posts(
            session,
            keys.person_of(request),
            state=state,
            account_id=account_id or None,
            limit=_ROWS,
            cursor=_text(request, "cursor") or None,
        )
        accounts = await list_accounts(session)
        stopped = await stops(session)
    chosen = {"state": state or "", "account": account_id}
    context = {
        "posts": posts,
        "accounts": [(one.id, f"{one.name}（{CHANNEL_LABELS[one.channel]}）") for one in accounts],
        "stopped": [(account, stopped[account.id]) for account in accounts if account.id in stopped],
        "states": STATE_LABELS.items(),
        "chosen": chosen,
        "is_first": "cursor" not in request.query,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "cursor": cursor}) if cursor else "",
        "STATE_LABELS": STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }
    return render(request, "posts/list.html", context)


def _state(request: web.Request) -> PostState | None:
    typed = request.query.get("state", "")
    return PostState(typed) if typed in set(PostState) else None


def _text(request: web.Request, name: str) -> str:
    """A value of the address, without NUL, which PostgreSQL does not compare."""
    return request.query.get(name, "").replace("\x00", "")
