"""/questions: what followers wrote that nobody understood, for editors to answer."""

from __future__ import annotations

from aiohttp import web

from outreach.channels.queries import list_accounts
from outreach.followers.questions import service
from outreach.people.rules import INBOX, require_any
from outreach.web import keys
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /questions"""
    require_any(keys.person_of(request), INBOX)
    async with keys.office_of(request).db.read() as session:
        questions = await service.open_questions(session)
        accounts = {one.id: one.name for one in await list_accounts(session)}
    context = {
        "questions": questions,
        "accounts": accounts,
    }
    return render(request, "questions/list.html", context)


async def close(request: web.Request) -> web.Response:
    """POST /questions/{id}/close: no answer is needed, or one was proposed."""
    async with keys.office_of(request).db.begin() as session:
        await service.close(session, keys.person_of(request), request.match_info["id"])
    return see_other("/questions", notice="question-closed")
