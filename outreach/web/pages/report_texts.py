"""/statistics/reports/annual/{year}/texts: the bureau's own words, part by part, with placeholders for figures."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from outreach.foundation.problems import Problem
from outreach.people.rules import Act, may
from outreach.statistics.report.compose import compose_report, own_paragraphs
from outreach.statistics.report.model import ReportType
from outreach.statistics.report.paragraphs import PARTS, placeholders
from outreach.statistics.report.service import (
    mark_of,
    restore_paragraphs,
    take_over_paragraphs,
    texts_of,
    write_paragraphs,
)
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.reports import year_typed
from outreach.web.rendering import render, see_other

_SHOWN_ON_THE_PAGE: Final = frozenset({409, 422})


async def show(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}/texts"""
    return await _page(request, Form({}))


async def write(request: web.Request) -> web.Response:
    """POST /statistics/reports/annual/{year}/texts/{part}"""
    by, year, form = keys.person_of(request), _year(request), await form_of(request)
    part = request.match_info["part"]
    try:
        async with keys.office_of(request).db.begin() as session:
            if form.is_ticked("restore"):
                await restore_paragraphs(session, by, year, part)
            else:
                await write_paragraphs(session, by, year, part, form.raw("text"), seen=form.text("seen"))
    except Problem as problem:
        if problem.status not in _SHOWN_ON_THE_PAGE:
            raise
        return await _page(request, form, problem, part)
    return see_other(f"/statistics/reports/annual/{year}/texts#part-{part}", "saved")


async def take_over(request: web.Request) -> web.Response:
    """POST /statistics/reports/annual/{year}/take-over: last year's words."""
    by, year = keys.person_of(request), _year(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await take_over_paragraphs(session, by, year)
    except Problem as problem:
        if problem.status not in _SHOWN_ON_THE_PAGE:
            raise
        return await _page(request, Form({}), problem)
    return see_other(f"/statistics/reports/annual/{year}/texts", "texts-taken-over")


async def _page(
    request: web.Request, form: Form, problem: Problem | None = None, part: str = ""
) -> web.Response:
    year, person = _year(request), keys.person_of(request)
    async with keys.office_of(request).db.snapshot() as session:
        texts = await texts_of(session, year)
        own = {row.part: row for row in await own_paragraphs(session, ReportType.ANNUAL, str(year))}
        last = await own_paragraphs(session, ReportType.ANNUAL, str(year - 1))
        report = await compose_report(session, year)
    context = {
        "year": year,
        "PARTS": PARTS,
        "own": own,
        "seen": {name: mark_of(text) for name, text in texts.items()},
        "texts": texts | ({part: form.raw("text")} if part in texts else {}),
        "present": texts[part] if part in texts and problem and problem.status == 409 else None,
        "failed_part": part,
        "placeholders": placeholders(),
        "to_fill": report.to_fill,
        "has_last": bool(last),
        "may_write": may(person, Act.KEEP_FIGURES),
        "problem": problem,
        "errors": messages(problem),
    }
    return render(request, "reports/texts.html", context, status=problem.status if problem else 200)


def _year(request: web.Request) -> int:
    return year_typed(request.match_info["year"])
