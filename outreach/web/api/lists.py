"""Sections, and the month's figures."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation import clock
from outreach.people.queries import sections
from outreach.statistics.queries import as_json, month_figures, year_as_json, year_figures
from outreach.statistics.rules import check_month, check_year, month_of
from outreach.web import keys
from outreach.web.api.answers import answer
from outreach.web.api.list_shapes import SectionList, SectionShape
from outreach.web.api.month_shapes import MonthShape
from outreach.web.api.year_shapes import YearShape


async def show_sections(request: web.Request) -> web.Response:
    """GET /sections"""
    async with keys.office_of(request).db.read() as session:
        found = await sections(session)
    return answer(SectionList(items=[SectionShape(id=one.id, name=one.name) for one in found]))


async def show_year(request: web.Request) -> web.Response:
    """GET /statistics/annual?year=YYYY, for the reader's sections; without `year` the present one."""
    settings = keys.office_of(request).settings
    year = check_year(request.query.get("year") or month_of(clock.now(), settings.zone)[:4])
    async with keys.office_of(request).db.read() as session:
        figures = await year_figures(session, year, keys.person_of(request))
    return answer(YearShape.model_validate(year_as_json(figures, settings.timezone)))


async def show_month(request: web.Request) -> web.Response:
    """GET /statistics/monthly?month=YYYY-MM, for the reader's sections; without `month` the present one."""
    settings = keys.office_of(request).settings
    month = check_month(request.query.get("month") or month_of(clock.now(), settings.zone))
    async with keys.office_of(request).db.read() as session:
        figures = await month_figures(session, month, keys.person_of(request))
    return answer(MonthShape.model_validate(as_json(figures, settings.timezone)))
