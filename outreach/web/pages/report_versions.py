"""/statistics/reports/annual/{year}/versions/{number}: a version, what was found in it and decided on it; and the report
as files, as it stands now or as a version was frozen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound, Problem
from outreach.people.model import Person
from outreach.review.rules import DECISION_LABELS
from outreach.statistics.report.compose import compose_report
from outreach.statistics.report.content import CheckState, Report
from outreach.statistics.report.model import ReportDecisionKind, ReportType, ReportVersion
from outreach.statistics.report.queries import decisions_of, get_version
from outreach.statistics.report.rules import STAGE_OF, STATE_LABELS
from outreach.statistics.report.versions import decide_version, open_for, recall_version
from outreach.statistics.report.written import report_docx, report_html, report_json
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.reports import year_typed
from outreach.web.rendering import render, see_other

_SHOWN_ON_THE_PAGE: Final = frozenset({409, 422})
_MOST_DIGITS: Final = 6
_MEDIA: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
_PREVIEW_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
Act = Callable[[AsyncSession, Person, ReportVersion, Form], Awaitable[None]]


async def show(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}/versions/{number}"""
    return await _page(request, Form({}))


async def decide(request: web.Request) -> web.Response:
    """POST /statistics/reports/annual/{year}/versions/{number}/decide"""

    async def act(session: AsyncSession, by: Person, version: ReportVersion, form: Form) -> None:
        try:
            kind = ReportDecisionKind(form.text("decision"))
        except ValueError:
            raise NotFound("没有这种决定。") from None
        await decide_version(
            session, by, version, kind, form.text("opinion"), content_hash=form.text("content_hash")
        )

    return await _done(request, act, "decided")


async def recall(request: web.Request) -> web.Response:
    """POST /statistics/reports/annual/{year}/versions/{number}/recall"""

    async def act(session: AsyncSession, by: Person, version: ReportVersion, form: Form) -> None:
        await recall_version(session, by, version)

    return await _done(request, act, "report-recalled")


async def preview(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}/preview and …/versions/{number}/preview: the HTML file, to be looked at."""
    headers = {"Content-Security-Policy": _PREVIEW_POLICY, "Cache-Control": "private, no-store"}
    body = report_html(await _report(request))
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


async def download(request: web.Request) -> web.Response:
    """GET /statistics/reports/annual/{year}.{format} and …/versions/{number}.{format}"""
    report, format_ = await _report(request), request.match_info["format"]
    home = keys.office_of(request).settings.home
    match format_:
        case "docx":
            body = await asyncio.to_thread(report_docx, report, home)
        case "html":
            body = report_html(report)
        case _:
            body = report_json(report)
    name = quote(f"{report.title}.{format_}", safe="")
    headers = {
        "Content-Type": _MEDIA[format_],
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=body, headers=headers)


async def _report(request: web.Request) -> Report:
    """The report as it stands, or as the version of the address was frozen."""
    async with keys.office_of(request).db.snapshot() as session:
        if "number" in request.match_info:
            return frozen(await _version(session, request))
        return await compose_report(session, _year(request))


def frozen(version: ReportVersion) -> Report:
    """What a version says; with its day once it is final."""
    report = Report.model_validate(version.content)
    signed_on = version.final_on.isoformat() if version.final_on else None
    return report.model_copy(update={"signed_on": signed_on})


async def _done(request: web.Request, act: Act, notice: str) -> web.Response:
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await act(session, keys.person_of(request), await _version(session, request), form)
    except Problem as problem:
        if problem.status not in _SHOWN_ON_THE_PAGE:
            raise
        return await _page(request, form, problem)
    return see_other(request.path.rpartition("/")[0], notice)


async def _page(request: web.Request, form: Form, problem: Problem | None = None) -> web.Response:
    person = keys.person_of(request)
    async with keys.office_of(request).db.snapshot() as session:
        version = await _version(session, request)
        decisions = await decisions_of(session, version)
        objection = await open_for(session, person, version)
    report = frozen(version)
    context = {
        "year": _year(request),
        "version": version,
        "decisions": decisions,
        "objection": objection,
        "stage": STAGE_OF.get(version.state),
        "may_recall": version.state in STAGE_OF and version.submitted_by_id == person.id,
        "failed": [one for one in report.checks if one.state is CheckState.FAILED],
        "unknown": sum(1 for one in report.checks if one.state is CheckState.UNKNOWN),
        "blanks": len(report.blanks),
        "opinion": form.text("opinion"),
        "problem": problem,
        "errors": messages(problem),
        "STATE_LABELS": STATE_LABELS,
        "DECISION_LABELS": {kind.value: label for kind, label in DECISION_LABELS.items()},
    }
    return render(request, "reports/version.html", context, status=problem.status if problem else 200)


async def _version(session: AsyncSession, request: web.Request) -> ReportVersion:
    number = request.match_info["number"]
    if len(number) > _MOST_DIGITS:
        raise NotFound("没有这一版报告。")
    return await get_version(session, ReportType.ANNUAL, str(_year(request)), int(number))


def _year(request: web.Request) -> int:
    return year_typed(request.match_info["year"])
