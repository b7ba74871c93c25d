"""Which month or year a page of the figures is asked for."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation import clock
from outreach.statistics.rules import check_month, check_year, month_of
from outreach.web import keys


def present_month(request: web.Request) -> str:
    """The month that it is now, `YYYY-MM`."""
    return month_of(clock.now(), keys.office_of(request).settings.zone)


def month_asked(request: web.Request) -> str:
    """`month` of the address, else the present one. Raises InvalidContent."""
    return check_month(request.query["month"]) if "month" in request.query else present_month(request)


def year_asked(request: web.Request) -> int:
    """`year` of the address, else the present one. Raises InvalidContent."""
    return check_year(request.query.get("year", present_month(request)[:4]))


def period_asked(request: web.Request) -> str:
    """The month or the year of the address, else the present month. Raises InvalidContent."""
    return f"{year_asked(request):04}" if "year" in request.query else month_asked(request)
