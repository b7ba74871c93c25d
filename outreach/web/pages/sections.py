"""/sections: the departments and county branches (administrators)."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation.problems import InvalidContent
from outreach.people import queries, service
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.forms import form_of, messages
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /sections"""
    require(keys.person_of(request), Act.ADMINISTER)
    return await _page(request)


async def add(request: web.Request) -> web.Response:
    """POST /sections"""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    name = (await form_of(request)).text("name")
    try:
        async with keys.office_of(request).db.begin() as session:
            await service.add_section(session, by, name)
    except InvalidContent as problem:
        return await _page(request, name, problem)
    return see_other("/sections", notice="section-added")


async def _page(request: web.Request, name: str = "", problem: InvalidContent | None = None) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        sections = await queries.sections(session)
    context = {"sections": sections, "name": name, "errors": messages(problem)}
    return render(request, "sections/list.html", context, status=problem.status if problem else 200)
