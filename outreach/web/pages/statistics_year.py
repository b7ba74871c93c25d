"""/statistics/year: a year's figures, month by month."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.problems import InvalidContent
from outreach.items.labels import KIND_LABELS
from outreach.people.rules import Act, may
from outreach.statistics.comparison import compare_year, known
from outreach.statistics.groups import GROUPS, grouped
from outreach.statistics.queries import YearFigures, year_figures
from outreach.statistics.queries.acts import acts_of
from outreach.statistics.rules import FIRST_YEAR
from outreach.statistics.year_channels import channels_of
from outreach.web import keys
from outreach.web.forms import messages
from outreach.web.pages.statistics_periods import present_month, year_asked
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /statistics/year?year=YYYY; without a year the present one."""
    try:
        return await _page(request, year_asked(request))
    except InvalidContent as problem:
        return await _page(request, int(present_month(request)[:4]), problem)


async def _page(request: web.Request, year: int, problem: InvalidContent | None = None) -> web.Response:
    reader = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        figures = await year_figures(session, year, reader)
        before = await year_figures(session, year - 1, reader)
        acts = await acts_of(session, f"{year:04}", reader)
    chart = year_chart(figures, before)
    context = {
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < int(present_month(request)[:4]) else None,
        "present": present_month(request),
        "typed": request.query.get("year", "") if problem else year,
        "figures": figures,
        "before": before,
        "channels": channels_of(figures),
        "groups": {name: grouped(figures.rows, name) for name in GROUPS},
        "GROUPS": GROUPS,
        "compared": compare_year(figures, before),
        "acts": acts,
        "chart": json.dumps(chart, ensure_ascii=False) if chart["series"] else "",
        "may_import": may(reader, Act.KEEP_FIGURES),
        "errors": messages(problem),
        "known": known,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "KIND_LABELS": KIND_LABELS,
    }
    return render(request, "statistics/year.html", context, status=problem.status if problem else 200)


def year_chart(figures: YearFigures, before: YearFigures) -> dict[str, Any]:
    """Bars: a stack for each month, a piece for each channel; and a line for the year before, where anything of its
    months is known."""
    series: list[dict[str, Any]] = [
        {
            "name": label,
            "stack": "year",
            "values": [_published(month.by_channel.get(key, {})) for month in figures.months],
        }
        for key, label in channels_of(figures)
    ]
    line = [None if month.source is None else month.original + month.repost for month in before.months]
    series = [one for one in series if any(one["values"])]
    if any(line):
        series.append({"name": f"{before.year} 年合计", "line": True, "values": line})
    return {"categories": [f"{int(one.month[5:])}月" for one in figures.months], "series": series}


def _published(numbers: Any) -> int:
    return int(numbers.get("original", 0)) + int(numbers.get("repost", 0))
