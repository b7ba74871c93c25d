"""/statistics: a month's figures, as a page and as a table for Excel."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent
from outreach.items.labels import KIND_LABELS
from outreach.statistics.csv_table import month_csv
from outreach.statistics.queries import MonthFigures, month_figures
from outreach.statistics.rules import check_month, month_of
from outreach.web import keys
from outreach.web.forms import messages
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /statistics?month=YYYY-MM; without a month the present one."""
    try:
        return await _page(request, _month(request))
    except InvalidContent as problem:
        return await _page(request, _present(request), problem)


async def download(request: web.Request) -> web.Response:
    """GET /statistics/monthly.csv?month=YYYY-MM"""
    figures = await _figures(request, _month(request))
    response = web.Response(body=month_csv(figures), content_type="text/csv", charset="utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="statistics-{figures.month}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


async def _page(request: web.Request, month: str, problem: InvalidContent | None = None) -> web.Response:
    figures = await _figures(request, month)
    present = _present(request)
    context = {
        "month": month,
        "month_label": f"{month[:4]}年{int(month[5:])}月",
        "previous": _neighbour(month, -1),
        "next": _neighbour(month, 1) if month < present else None,
        "present": present,
        "typed": request.query.get("month", "") if problem else month,
        "rows": figures.rows,
        "totals": figures.total(),
        "by_channel": figures.by("channel"),
        "by_kind": figures.by("kind"),
        "content_original": figures.content_original,
        "content_repost": figures.content_repost,
        "chart": json.dumps(_chart(figures), ensure_ascii=False),
        "errors": messages(problem),
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "KIND_LABELS": KIND_LABELS,
    }
    return render(request, "statistics/month.html", context, status=problem.status if problem else 200)


async def _figures(request: web.Request, month: str) -> MonthFigures:
    async with keys.office_of(request).db.read() as session:
        return await month_figures(session, month, keys.person_of(request))


def _month(request: web.Request) -> str:
    return check_month(request.query["month"]) if "month" in request.query else _present(request)


def _present(request: web.Request) -> str:
    return month_of(clock.now(), keys.office_of(request).settings.zone)


def _neighbour(month: str, step: int) -> str:
    first = date.fromisoformat(f"{month}-01")
    inside = first - timedelta(days=1) if step < 0 else first + timedelta(days=31)
    return f"{inside:%Y-%m}"


def _chart(figures: MonthFigures) -> dict[str, Any]:
    """Bars: a group for each kind, a bar for each channel, in it originals and reposts where there are any."""
    kinds = list(dict.fromkeys(row.kind for row in figures.rows))
    bars = [
        {
            "name": f"{CHANNEL_LABELS[channel]} {label}",
            "stack": CHANNEL_LABELS[channel],
            "values": [
                sum(
                    getattr(row, origin) for row in figures.rows if (row.channel, row.kind) == (channel, kind)
                )
                for kind in kinds
            ],
        }
        for channel in dict.fromkeys(row.channel for row in figures.rows)
        for origin, label in (("original", "原创"), ("repost", "转载"))
    ]
    series = [bar for bar in bars if any(bar["values"])]
    return {"kinds": [KIND_LABELS[kind] for kind in kinds], "series": series}
