"""/statistics/reports: the years of the annual report and the months of the bulletin, and where each stands."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, invalid
from outreach.people.rules import Act, may
from outreach.statistics.report.forms import FIRST_YEAR, form_of
from outreach.statistics.report.queries import newest_bulletins, versions_waiting_for, years_of_reports
from outreach.statistics.report.rules import STATE_LABELS
from outreach.web import keys
from outreach.web.forms import messages
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /statistics/reports?year=: with a year, on to its page."""
    if "year" not in request.query:
        return await _page(request)
    try:
        year = year_typed(request.query["year"])
    except InvalidContent as problem:
        return await _page(request, problem)
    return see_other(f"/statistics/reports/annual/{year}")


def year_typed(text: str) -> int:
    """A year that has a form, as somebody typed it. Raises InvalidContent."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise invalid("year", f"“{text[:20]}”不是年份。请填写四位数的年份，例如 2020。")
    form_of(int(text))
    return int(text)


async def _page(request: web.Request, problem: InvalidContent | None = None) -> web.Response:
    person = keys.person_of(request)
    async with keys.office_of(request).db.snapshot() as session:
        years = await years_of_reports(session)
        bulletins = await newest_bulletins(session)
        waiting = await versions_waiting_for(session, person)
    context = {
        "years": years,
        "bulletins": bulletins,
        "waiting": waiting,
        "last_year": clock.today(clock.SHANGHAI).year - 1,
        "first_year": FIRST_YEAR,
        "typed": request.query.get("year", ""),
        "errors": messages(problem),
        "may_write": may(person, Act.KEEP_FIGURES),
        "STATE_LABELS": STATE_LABELS,
    }
    return render(request, "reports/list.html", context, status=problem.status if problem else 200)
