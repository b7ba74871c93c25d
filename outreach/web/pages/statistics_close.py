"""/statistics/close: the statistician closes a month, after reading what that means."""

from __future__ import annotations

from aiohttp import web

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.problems import NotPossible, Problem
from outreach.people.rules import Act, require
from outreach.publishing.rules import STATE_LABELS
from outreach.statistics.comparison import TOTALS
from outreach.statistics.queries import month_beside
from outreach.statistics.queries.under_way import posts_under_way
from outreach.statistics.rules import check_month, month_label
from outreach.statistics.service import close_month
from outreach.web import keys
from outreach.web.forms import form_of
from outreach.web.pages.statistics_periods import month_asked
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /statistics/close?month=YYYY-MM"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    return await _page(request, month_asked(request))


async def close(request: web.Request) -> web.Response:
    """POST /statistics/close: `month`."""
    office, person = keys.office_of(request), keys.person_of(request)
    month = check_month((await form_of(request)).text("month"))
    try:
        async with office.db.begin() as session:
            await close_month(session, person, month, office.settings.zone)
    except NotPossible as problem:
        return await _page(request, month, problem)
    return see_other(f"/statistics?month={month}", notice="month-closed")


async def _page(request: web.Request, month: str, problem: Problem | None = None) -> web.Response:
    office, reader = keys.office_of(request), keys.person_of(request)
    async with office.db.read() as session:
        beside = await month_beside(session, month)
        under_way = await posts_under_way(session, month, reader, office.settings.zone)
    context = {
        "month": month,
        "month_label": month_label(month),
        "totals": [(label, getattr(beside.month, key)) for key, label in TOTALS.items()],
        "under_way": under_way,
        "problem": problem,
        "STATE_LABELS": STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }
    return render(request, "statistics/close.html", context, status=problem.status if problem else 200)
