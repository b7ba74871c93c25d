"""/statistics/reports/monthly/{month}: the bulletin of a closed month is handed in; its versions stand on the month's page."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation.problems import NotPossible
from outreach.office.submit_bulletin import submit_bulletin
from outreach.statistics.rules import check_month
from outreach.web import keys
from outreach.web.pages.statistics import month_page
from outreach.web.rendering import see_other


async def submit(request: web.Request) -> web.Response:
    """POST /statistics/reports/monthly/{month}/submit"""
    month = check_month(request.match_info["month"])
    try:
        version = await submit_bulletin(keys.office_of(request), keys.person_of(request), month)
    except NotPossible as problem:
        return await month_page(request, month, problem)
    return see_other(f"/statistics/reports/monthly/{month}/versions/{version.number}", "report-submitted")
