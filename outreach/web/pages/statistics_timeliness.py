"""/statistics/timeliness: how long disclosure took, and how much of it came on time, by section."""

from __future__ import annotations

from aiohttp import web

from outreach.statistics.queries.timeliness import timeliness
from outreach.statistics.rules import period_label
from outreach.web import keys
from outreach.web.pages.statistics_periods import period_asked
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /statistics/timeliness?month=YYYY-MM or ?year=YYYY. The pages of month and year show its table, and are not
    kept waiting: what they show themselves is kept, this is counted from the posts."""
    office, period = keys.office_of(request), period_asked(request)
    async with office.db.read() as session:
        rows = await timeliness(session, period, keys.person_of(request), office.settings.zone)
    context = {
        "period": period,
        "period_name": "year" if len(period) == 4 else "month",
        "period_label": period_label(period),
        "rows": rows,
    }
    return render(request, "statistics/timeliness.html", context)
