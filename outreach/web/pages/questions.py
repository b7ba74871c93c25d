"""/questions: what followers wrote that nobody understood, for editors to answer."""

from __future__ import annotations

from aiohttp import web

from outreach.channels.queries import list_accounts
from outreach.followers.questions import service
from outreach.followers.texts.rules import WRITING
from outreach.people.rules import may_any
from outreach.web import keys
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /questions"""
    async with keys.office_of(request).db.read() as session:
        questions = await service.open_questions(session)
        accounts = {one.id: one.name for one in await list_accounts(session)}
    context = {
        "questions": questions,
        "accounts": accounts,
        "may_answer": may_any(keys.person_of(request), WRITING),
    }
    return render(request, "questions/list.html", context)


async def close(request: web.Request) -> web.Response:
    """POST /questions/{id}/close: no answer is needed, or one was proposed."""
    async with keys.office_of(request).db.begin() as session:
        await service.close(session, keys.person_of(request), request.match_info["id"])
    return see_other("/questions", notice="question-closed")
