"""/editions: the mass pushes that are composed, planned, under way and out."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from outreach.channels.model import ChannelName
from outreach.channels.queries import list_accounts
from outreach.channels.rules import can_publish
from outreach.foundation.problems import InvalidContent, NotPossible, Problem
from outreach.office.compose_edition import create_edition
from outreach.people.rules import Act, may
from outreach.publishing.editions.model import EditionState
from outreach.publishing.editions.queries import articles_by_edition, list_editions
from outreach.publishing.editions.rules import STATE_LABELS
from outreach.web import keys
from outreach.web.forms import form_of, messages
from outreach.web.rendering import render, see_other

_ROWS: Final = 50


async def show(request: web.Request) -> web.Response:
    """GET /editions?state=&cursor="""
    return await _page(request)


async def create(request: web.Request) -> web.Response:
    """POST /editions: a new one on an account, and on to its page."""
    form = await form_of(request)
    try:
        edition = await create_edition(
            keys.office_of(request), keys.person_of(request), form.text("account"), form.texts("items")
        )
    except (NotPossible, InvalidContent) as problem:
        return await _page(request, problem)
    return see_other(f"/editions/{edition.id}")


async def _page(request: web.Request, problem: Problem | None = None) -> web.Response:
    context = {**await _context(request), "problem": problem, "errors": messages(problem)}
    return render(request, "editions/list.html", context, status=problem.status if problem else 200)


async def _context(request: web.Request) -> dict[str, Any]:
    person, state = keys.person_of(request), _state(request)
    async with keys.office_of(request).db.read() as session:
        editions, cursor = await list_editions(
            session, person, state=state, limit=_ROWS, cursor=_cursor(request)
        )
        articles = await articles_by_edition(session, [one.id for one in editions])
        accounts = await list_accounts(session, active_only=True)
    chosen = {"state": state or ""}
    able = [one for one in accounts if one.channel is ChannelName.WECHAT and can_publish(one)]
    return {
        "editions": [(one, articles.get(one.id, [])) for one in editions],
        "states": STATE_LABELS.items(),
        "chosen": chosen,
        "is_first": "cursor" not in request.query,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "cursor": cursor}) if cursor else "",
        "accounts": [(one.id, one.name) for one in able],
        "may_compose": may(person, Act.PUBLISH),
        "STATE_LABELS": STATE_LABELS,
    }


def _state(request: web.Request) -> EditionState | None:
    typed = request.query.get("state", "")
    return EditionState(typed) if typed in set(EditionState) else None


def _cursor(request: web.Request) -> str | None:
    """Without NUL, which PostgreSQL does not compare."""
    return request.query.get("cursor", "").replace("\x00", "") or None
