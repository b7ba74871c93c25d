"""/holidays: the official holidays of each year, and those of the next one as the office enters them
(administrators)."""

from __future__ import annotations

from datetime import date, timedelta

from aiohttp import web

from outreach.catalogue.calendar import BUILT_IN, Entered, NamedDay, named_day, spells
from outreach.catalogue.queries import entered_holidays, notices
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent
from outreach.office.enter_holidays import Effect, enter_holidays, preview_holidays
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /holidays?year="""
    require(keys.person_of(request), Act.ADMINISTER)
    return await _page(request, Form({}))


async def enter(request: web.Request) -> web.Response:
    """POST /holidays: looked at, or kept, by the button that was pressed."""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    form = await form_of(request)
    year, text = form.text("year"), form.text("text")
    try:
        if form.text("act") != "keep":
            async with keys.office_of(request).db.read() as session:
                return await _page(request, form, effect=await preview_holidays(session, by, year, text))
        async with keys.office_of(request).db.begin() as session:
            await enter_holidays(session, by, year, text)
    except InvalidContent as problem:
        return await _page(request, form, problem)
    return see_other(f"/holidays?year={year}", notice="holidays-entered")


async def _page(
    request: web.Request, form: Form, problem: InvalidContent | None = None, effect: Effect | None = None
) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        entered = await entered_holidays(session)
        kept = await notices(session)
    year = _year(request)
    next_year = clock.today(clock.SHANGHAI).year + 1
    context = {
        "typed": {"year": form.text("year") or str(next_year), "text": form.text("text")},
        "effect": effect,
        "read": spells(effect.days) if effect else [],
        "notices": kept,
        "first": BUILT_IN[0],
        "last": BUILT_IN[-1],
        "shown_year": year,
        "shown": spells(_days_of(year, entered)) if year else [],
        "problem": problem,
        "errors": messages(problem),
    }
    return render(request, "holidays/holidays.html", context, status=problem.status if problem else 200)


def _year(request: web.Request) -> int | None:
    typed = request.query.get("year", "")
    is_year = typed.isascii() and typed.isdigit() and len(typed) == 4
    return int(typed) if is_year and int(typed) in clock.YEARS else None


def _days_of(year: int, entered: Entered) -> list[NamedDay]:
    first = date(year, 1, 1)
    days = (named_day(first + timedelta(days=number), entered) for number in range(366))
    return [one for one in days if one is not None and one.day.year == year]
