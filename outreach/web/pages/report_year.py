"""/statistics/reports/annual/{year}: the year's figures by chapter and table, with their sources and checks; figures are
typed where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from aiohttp import web
from aiohttp.web_request import FileField
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import FieldError, InvalidContent, Problem, StaleState, invalid
from outreach.people.rules import Act, may, require
from outreach.statistics.report.catalogue import (
    CHANNELS,
    DEFAULT_CHANNELS,
    SITE_COLUMNS,
    TEXT,
    cells_of,
    spec_of,
)
from outreach.statistics.report.compose import compose_report
from outreach.statistics.report.content import CheckState, CheckTold, FigureTold, Report
from outreach.statistics.report.forms import Form as OfficialForm
from outreach.statistics.report.forms import form_of
from outreach.statistics.report.model import ReportType
from outreach.statistics.report.queries import versions_of
from outreach.statistics.report.rules import STAGE_OF, STATE_LABELS
from outreach.statistics.report.service import mark_of, submit_annual
from outreach.statistics.report.store import ImportReport, import_figures, type_figures, typed_figures
from outreach.statistics.report.written import annual_file
from outreach.web import keys
from outreach.web.forms import Form, messages
from outreach.web.forms import form_of as posted_form
from outreach.web.pages.report_files import kept, shown
from outreach.web.pages.reports import year_typed
from outreach.web.rendering import render, see_other

_SHOWN_ON_THE_PAGE: Final = frozenset({409, 422})
_CHAPTER_ONE: Final = "chapter1"
_NEW_CHANNEL: Final = "new-channel"
_MOST_BYTES: Final = 2 << 20


async def show(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}"""
    return await _page(request, Form({}))


async def type_in(request: web.Request) -> web.Response:
    """POST /statistics/reports/annual/{year}/figures: the figures of one part, as they stand on the page."""
    by, year, form = keys.person_of(request), _year(request), await posted_form(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            require(by, Act.KEEP_FIGURES)
            typed = _typed_in(form)
            if _mark(await typed_figures(session, year), typed) != form.text("seen"):
                raise StaleState("这些数字刚刚有人改过。您填的还在，请对照后再按一次“保存”。")
            await type_figures(session, by, year, typed)
    except Problem as problem:
        return await _told(request, form, problem)
    return see_other(f"/statistics/reports/annual/{year}#{_part(form)}", "figures-saved")


async def take_in(request: web.Request) -> web.Response:
    """POST /statistics/reports/annual/{year}/import: a file of figures comes in through the browser."""
    by, year = keys.person_of(request), _year(request)
    require(by, Act.KEEP_FIGURES)
    posted = await request.post()
    form = Form({"bureau": [str(posted.get("bureau", ""))]})
    try:
        name, content = _file(posted.get("file"))
        async with keys.office_of(request).db.begin() as session:
            bureau = form.text("bureau") or None
            report = await import_figures(session, by, year, name, content, bureau)
    except InvalidContent as problem:
        return await _page(request, form, _with_places(problem))
    return await _page(request, Form({}), imported=report)


async def preview(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}/preview: the report as it stands, to be looked at."""
    return shown(await annual_file(await _composed(request), "html", keys.office_of(request).settings.home))


async def download(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}.{format}: the report as it stands."""
    report, format_ = await _composed(request), request.match_info["format"]
    content = await annual_file(report, format_, keys.office_of(request).settings.home)
    return kept(content, report.title, format_)


async def _composed(request: web.Request) -> Report:
    async with keys.office_of(request).db.snapshot() as session:
        return await compose_report(session, _year(request))


async def submit(request: web.Request) -> web.Response:
    """POST /statistics/reports/annual/{year}/submit"""
    by, year, form = keys.person_of(request), _year(request), await posted_form(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            version = await submit_annual(session, by, year)
    except Problem as problem:
        return await _told(request, form, problem)
    return see_other(f"/statistics/reports/annual/{year}/versions/{version.number}", "report-submitted")


async def show_figure(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}/figures/{key}: where a figure comes from, and what else was given."""
    year, key = _year(request), request.match_info["key"]
    async with keys.office_of(request).db.snapshot() as session:
        report = await compose_report(session, year)
    figure = report.figures.get(key) or _unlisted(year, key)
    context = {
        "year": year,
        "figure": figure,
        "checks": [one for one in report.checks if key in one.cells],
    }
    return render(request, "reports/figure.html", context)


def _unlisted(year: int, key: str) -> FigureTold:
    """A figure that the form of the year does not have. Raises InvalidContent where there is no such figure at all."""
    spec = spec_of(key)
    if spec is None:
        raise invalid("key", "没有这一项数字。")
    return FigureTold(label=spec.label, unit=spec.unit, value=None, text="", link="")


def _typed_in(form: Form) -> dict[str, str]:
    """The figures of the form, and one of a channel that is named anew."""
    typed = {key: value for key, value in form.pairs() if spec_of(key) is not None}
    channel, number = form.text(_NEW_CHANNEL), form.text(f"{_NEW_CHANNEL}-figure")
    if not channel and not number:
        return typed
    if not channel or spec_of(CHANNELS + channel) is None:
        raise invalid(_NEW_CHANNEL, "请填写渠道名称：最多 40 个字，不能有空格、“/”和“【】”。")
    return typed | {CHANNELS + channel: number}


def _mark(present: Mapping[str, str], typed: Mapping[str, Any]) -> str:
    """By what it is known whether those figures are still as they were read."""
    return mark_of("\n".join(f"{key}={present.get(key, '')}" for key in sorted(typed) if key in present))


def _file(given: Any) -> tuple[str, str]:
    if not isinstance(given, FileField) or not given.filename:
        raise invalid("file", "请选择文件。")
    content = given.file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise invalid("file", "文件超过 2 MB，不是年度数字的文件。")
    try:
        return given.filename, content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid("file", "文件应为 UTF-8 编码的 JSON。") from None


def _with_places(problem: InvalidContent) -> InvalidContent:
    """What is wrong in a file, each with its place there: there is no field of the page beside which it could stand."""
    errors = [
        one if one.field in {"file", "bureau"} else FieldError(one.field, f"{one.field}：{one.message}")
        for one in problem.errors
    ]
    return InvalidContent(problem.detail, errors=errors)


async def _told(request: web.Request, form: Form, problem: Problem) -> web.Response:
    """The page with the problem and all that was typed."""
    if problem.status not in _SHOWN_ON_THE_PAGE:
        raise problem
    return await _page(request, form, problem)


async def _page(
    request: web.Request, form: Form, problem: Problem | None = None, imported: ImportReport | None = None
) -> web.Response:
    year = _year(request)
    async with keys.office_of(request).db.snapshot() as session:
        context = await _context(session, request, year, form)
    context |= {"problem": problem, "errors": messages(problem), "imported": imported}
    return render(request, "reports/year.html", context, status=problem.status if problem else 200)


async def _context(session: AsyncSession, request: web.Request, year: int, form: Form) -> dict[str, Any]:
    report, typed = await compose_report(session, year), await typed_figures(session, year)
    official, person = form_of(year), keys.person_of(request)
    versions = await versions_of(session, ReportType.ANNUAL, str(year))
    posted = dict(form.pairs())
    listed = [key for key in report.figures if key.startswith((CHANNELS, SITE_COLUMNS))]
    channels = [CHANNELS + one for one in DEFAULT_CHANNELS if CHANNELS + one not in listed]
    chapter_one = [*TEXT, *channels, *listed]
    return {
        "year": year,
        "report": report,
        "instrument": official.instrument,
        "due_on": date.fromisoformat(report.due_on),
        "chapter_one": [(key, report.figures.get(key) or _unlisted(year, key)) for key in chapter_one],
        "typed": {**typed, **posted},
        "seen": _marks(official, chapter_one, typed),
        "open_part": _part(form) if posted else "",
        "failing": failing_cells(report),
        "failed": [one for one in report.checks if one.state is CheckState.FAILED],
        "unknown": _by_id(report, CheckState.UNKNOWN),
        "passed": sum(1 for one in report.checks if one.state is CheckState.PASSED),
        "versions": versions,
        "is_open": any(one.state in STAGE_OF for one in versions),
        "may_write": may(person, Act.KEEP_FIGURES),
        "STATE_LABELS": STATE_LABELS,
    }


def failing_cells(report: Report) -> dict[str, list[str]]:
    """What each check that fails says, by the figures that it is about; blank cells are marked by being blank."""
    cells: dict[str, list[str]] = {}
    for one in report.checks:
        if one.state is CheckState.FAILED:
            for key in one.cells:
                cells.setdefault(key, []).append(f"{one.id}：{one.message}")
    return cells


def _marks(official: OfficialForm, chapter_one: list[str], typed: Mapping[str, str]) -> dict[str, str]:
    """The mark of each part of the page."""
    tables = {"table2": "art20.", "table3": "requests.", "table4": "cases."}
    of_part = {
        part: {spec.key: "" for spec in cells_of(official) if spec.key.startswith(family)}
        for part, family in tables.items()
    }
    of_part[_CHAPTER_ONE] = dict.fromkeys(chapter_one, "")
    return {part: _mark(typed, cells) for part, cells in of_part.items()}


def _by_id(report: Report, state: CheckState) -> dict[str, list[CheckTold]]:
    found: dict[str, list[CheckTold]] = {}
    for one in report.checks:
        if one.state is state:
            found.setdefault(one.id, []).append(one)
    return found


def _part(form: Form) -> str:
    return form.text("part") or _CHAPTER_ONE


def _year(request: web.Request) -> int:
    return year_typed(request.match_info["year"])
