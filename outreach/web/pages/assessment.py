"""/statistics/assessment: the ranking of a quarter and of a year, what is behind it, and closing it."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aiohttp import web

from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, NotFound, invalid
from outreach.people.rules import Act, may, sees_section
from outreach.statistics.assessment import book, queries, service
from outreach.statistics.assessment.evidence import Evidence
from outreach.statistics.assessment.queries import Sheet
from outreach.statistics.assessment.rules import LABELS, MEANINGS, Measure, on_time_rate, told
from outreach.statistics.quarters import Quarter, quarter_of, read_quarter
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLACE = "/statistics/assessment"


async def show(request: web.Request) -> web.Response:
    """GET /statistics/assessment?quarter=YYYY-Qn; without a quarter the present one."""
    quarter, present = _quarter(request), _present(request)
    sheet = await _sheet(request, quarter)
    reader = keys.person_of(request)
    context = {
        "sheet": sheet,
        "lines": [one for one in sheet.lines if sees_section(reader, one.section_id)],
        "quarter": quarter,
        "present": present,
        "may_close": may(reader, Act.KEEP_FIGURES) and quarter < present and sheet.closed is None,
        "sees_all": reader.section_ids is None,
        **_WORDS,
    }
    return render(request, "assessment/quarter.html", context)


async def show_year(request: web.Request) -> web.Response:
    """GET /statistics/assessment/years/{year}"""
    year, zone, reader = int(request.match_info["year"]), _zone(request), keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        lines = await queries.year_lines(session, year, clock.today(zone), zone)
    seen = [one for one in lines if sees_section(reader, one.section_id)]
    quarters = sorted({quarter for one in lines for quarter in one.totals})
    if request.match_info.get("format"):
        return _file(f"assessment-{year}.xlsx", book.year_book(year, quarters, seen))
    context = {"year": year, "quarters": quarters, "lines": seen, "present": _present(request), **_WORDS}
    return render(request, "assessment/year.html", context)


async def show_section(request: web.Request) -> web.Response:
    """GET /statistics/assessment/sections/{id}?quarter="""
    return await _section_page(request)


async def enter(request: web.Request) -> web.Response:
    """POST /statistics/assessment/sections/{id}/entries"""
    form, quarter = await form_of(request), _quarter(request)
    section_id = request.match_info["id"]
    try:
        async with keys.office_of(request).db.begin() as session:
            await service.add_entry(session, keys.person_of(request), quarter, section_id, dict(form.pairs()))
    except InvalidContent as problem:
        return await _section_page(request, form, problem)
    return see_other(f"{_PLACE}/sections/{section_id}?quarter={quarter}", notice="saved")


async def revoke(request: web.Request) -> web.Response:
    """POST /statistics/assessment/sections/{id}/entries/{entry}/revoke"""
    async with keys.office_of(request).db.begin() as session:
        await service.revoke_entry(session, keys.person_of(request), request.match_info["entry"])
    place = f"{_PLACE}/sections/{request.match_info['id']}?quarter={_quarter(request)}"
    return see_other(place, notice="revoked")


async def close(request: web.Request) -> web.Response:
    """POST /statistics/assessment/close?quarter="""
    quarter = _quarter(request)
    async with keys.office_of(request).db.begin() as session:
        await service.close_quarter(session, keys.person_of(request), quarter, _zone(request))
    return see_other(f"{_PLACE}?quarter={quarter}", notice="quarter-closed")


async def download(request: web.Request) -> web.Response:
    """GET /statistics/assessment.xlsx?quarter=: the sections that the reader sees, with their evidence."""
    quarter, zone, reader = _quarter(request), _zone(request), keys.person_of(request)
    today = clock.today(zone)
    async with keys.office_of(request).db.snapshot() as session:
        sheet = await queries.quarter_sheet(session, quarter, today, zone)
        sheet.lines[:] = [one for one in sheet.lines if sees_section(reader, one.section_id)]
        found = await queries.evidence_by_section(session, quarter, today, zone)
        every = [one for of_section in found.values() for one in of_section]
        titles = await queries.titles_of(session, every, reader)
    return _file(f"assessment-{quarter}.xlsx", book.quarter_book(sheet, found, titles))


async def _section_page(
    request: web.Request, form: Form | None = None, problem: InvalidContent | None = None
) -> web.Response:
    quarter, reader, zone = _quarter(request), keys.person_of(request), _zone(request)
    section_id = request.match_info["id"]
    async with keys.office_of(request).db.read() as session:
        sheet = await queries.quarter_sheet(session, quarter, clock.today(zone), zone)
        line = next((one for one in sheet.lines if one.section_id == section_id), None)
        if line is None or not sees_section(reader, section_id):
            raise NotFound("没有这个科室，或不在您的科室范围内。")
        by_section = await queries.evidence_by_section(session, quarter, clock.today(zone), zone)
        found = by_section.get(section_id, [])
        titles = await queries.titles_of(session, found, reader)
    context = {
        "sheet": sheet,
        "line": line,
        "groups": _groups(sheet, found),
        "titles": titles,
        "quarter": quarter,
        "may_keep": may(reader, Act.KEEP_FIGURES) and sheet.closed is None,
        "may_see_marks": may(reader, Act.KEEP_SCREENING),
        "typed": form or Form({}),
        "problem": problem,
        "errors": messages(problem),
        **_WORDS,
    }
    return render(request, "assessment/section.html", context, status=problem.status if problem else 200)


def _groups(sheet: Sheet, found: list[Evidence]) -> list[tuple[Measure, Mapping[str, str], list[Evidence]]]:
    """Each measure with its rule in words and what counted."""
    return [
        (
            rule.measure,
            {"weight": f"{'+' if rule.weight > 0 else ''}{told(rule.weight)}", "cap": told(rule.cap)},
            [one for one in found if one.measure is rule.measure],
        )
        for rule in sheet.in_force.scheme.rules
    ]


async def _sheet(request: web.Request, quarter: Quarter) -> Sheet:
    zone = _zone(request)
    async with keys.office_of(request).db.read() as session:
        return await queries.quarter_sheet(session, quarter, clock.today(zone), zone)


def _quarter(request: web.Request) -> Quarter:
    """Raises InvalidContent for one that has not begun."""
    present = _present(request)
    quarter = read_quarter(request.query["quarter"]) if "quarter" in request.query else present
    if quarter > present:
        raise invalid("quarter", f"{quarter.label}还没有开始。")
    return quarter


def _present(request: web.Request) -> Quarter:
    return quarter_of(clock.today(_zone(request)))


def _zone(request: web.Request) -> ZoneInfo:
    return keys.office_of(request).settings.zone


def _file(name: str, content: bytes) -> web.Response:
    response = web.Response(body=content, content_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


_WORDS = {
    "LABELS": LABELS,
    "MEANINGS": MEANINGS,
    "told": told,
    "on_time_rate": on_time_rate,
    "Measure": Measure,
}
