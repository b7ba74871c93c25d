"""/statistics: a month's figures, and how they are counted."""

from __future__ import annotations

import json

from aiohttp import web

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, Problem
from outreach.items.labels import KIND_LABELS, ORIGIN_LABELS
from outreach.people.rules import Act, may
from outreach.statistics.chart import month_chart
from outreach.statistics.comparison import TOTALS, compare_month
from outreach.statistics.groups import GROUPS, grouped
from outreach.statistics.queries import month_beside, month_figures
from outreach.statistics.queries.acts import acts_of
from outreach.statistics.report.model import ReportType
from outreach.statistics.report.queries import versions_of
from outreach.statistics.report.rules import STAGE_OF, STATE_LABELS
from outreach.statistics.rules import COUNTING_RULES, month_label, month_of, neighbour
from outreach.web import keys
from outreach.web.forms import messages
from outreach.web.pages.statistics_periods import month_asked, present_month
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /statistics?month=YYYY-MM; without a month the present one."""
    try:
        return await month_page(request, month_asked(request))
    except InvalidContent as problem:
        return await month_page(request, present_month(request), problem)


async def show_rules(request: web.Request) -> web.Response:
    """GET /statistics/rules"""
    return render(request, "statistics/rules.html", {"rules": COUNTING_RULES})


async def month_page(request: web.Request, month: str, problem: Problem | None = None) -> web.Response:
    """The page of `month`, with what is wrong where something is."""
    reader, office = keys.person_of(request), keys.office_of(request)
    async with office.db.read() as session:
        figures = await month_figures(session, month, reader)
        beside = await month_beside(session, month, reader)
        acts = await acts_of(session, month, reader, as_closed=figures.closed is not None)
        bulletins = await versions_of(session, ReportType.MONTHLY, month)
    present = month_of(clock.now(), office.settings.zone)
    context = {
        "month": month,
        "month_label": month_label(month),
        "previous": neighbour(month, -1),
        "next": neighbour(month, 1) if month < present else None,
        "present": present,
        "typed": request.query.get("month", "") if isinstance(problem, InvalidContent) else month,
        "figures": figures,
        "totals": figures.total(),
        "groups": {name: grouped(figures.rows, name) for name in GROUPS},
        "GROUPS": GROUPS,
        "compared": compare_month(figures, beside),
        "beside": beside,
        "acts": acts,
        "may_close": month < present and not figures.closed and may(reader, Act.KEEP_FIGURES),
        "bulletins": bulletins,
        "may_submit": (
            figures.closed is not None
            and may(reader, Act.KEEP_FIGURES)
            and not any(one.state in STAGE_OF for one in bulletins)
        ),
        "problem": None if isinstance(problem, InvalidContent) else problem,
        "STATE_LABELS": STATE_LABELS,
        "chart": json.dumps(month_chart(figures.rows), ensure_ascii=False),
        "errors": messages(problem),
        "TOTALS": TOTALS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "KIND_LABELS": KIND_LABELS,
        "ORIGIN_LABELS": ORIGIN_LABELS,
    }
    return render(request, "statistics/month.html", context, status=problem.status if problem else 200)
