"""/statistics/reports/{type}/{period}/versions/{number}: a version, what was found in it and decided on it, its files, and
of a bulletin to whom it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.queries import entered_holidays
from outreach.foundation import clock, mail, smtp
from outreach.foundation.problems import NotFound, Problem
from outreach.office.decide_report import decide_report
from outreach.people.contacts import KEEPING as MAIL_KEEPING
from outreach.people.contacts import Purpose, contacts_for
from outreach.people.model import Person
from outreach.people.rules import may_any
from outreach.review.rules import DECISION_LABELS
from outreach.statistics.report.content import CheckState, Report
from outreach.statistics.report.model import ReportDecisionKind, ReportType, ReportVersion
from outreach.statistics.report.monthly import bulletin_of
from outreach.statistics.report.monthly_written import bulletin_file
from outreach.statistics.report.queries import decisions_of, get_version
from outreach.statistics.report.rules import STAGE_OF, STATE_LABELS
from outreach.statistics.report.sending import mails_of, sending_time
from outreach.statistics.report.versions import open_for, recall_version
from outreach.statistics.report.written import annual_file
from outreach.statistics.rules import month_label
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.report_files import kept, shown
from outreach.web.rendering import render, see_other

_SHOWN_ON_THE_PAGE: Final = frozenset({409, 422})
_MOST_DIGITS: Final = 6
Act = Callable[[AsyncSession, Person, ReportVersion, Form], Awaitable[None]]


async def show(request: web.Request) -> web.Response:
    """GET /statistics/reports/{type}/{period}/versions/{number}"""
    return await _page(request, Form({}))


async def decide(request: web.Request) -> web.Response:
    """POST /statistics/reports/{type}/{period}/versions/{number}/decide"""

    async def act(session: AsyncSession, by: Person, version: ReportVersion, form: Form) -> None:
        try:
            kind = ReportDecisionKind(form.text("decision"))
        except ValueError:
            raise NotFound("没有这种决定。") from None
        await decide_report(
            session,
            keys.office_of(request).settings,
            by,
            version,
            kind,
            form.text("opinion"),
            content_hash=form.text("content_hash"),
        )

    return await _done(request, act, "decided")


async def recall(request: web.Request) -> web.Response:
    """POST /statistics/reports/{type}/{period}/versions/{number}/recall"""

    async def act(session: AsyncSession, by: Person, version: ReportVersion, form: Form) -> None:
        await recall_version(session, by, version)

    return await _done(request, act, "report-recalled")


async def preview(request: web.Request) -> web.Response:
    """GET /statistics/reports/{type}/{period}/versions/{number}/preview: the HTML file, to be looked at."""
    return shown(await _file(request, await _asked(request), "html"))


async def download(request: web.Request) -> web.Response:
    """GET /statistics/reports/{type}/{period}/versions/{number}.{format}"""
    version, format_ = await _asked(request), request.match_info["format"]
    return kept(await _file(request, version, format_), version.title, format_)


def frozen(version: ReportVersion) -> Report:
    """What a version of the annual report says; with its day once it is final."""
    report = Report.model_validate(version.content)
    signed_on = version.final_on.isoformat() if version.final_on else None
    return report.model_copy(update={"signed_on": signed_on})


async def _file(request: web.Request, version: ReportVersion, format_: str) -> bytes:
    office = keys.office_of(request)
    if version.type is ReportType.MONTHLY:
        return await bulletin_file(office.media, bulletin_of(version), format_)
    return await annual_file(frozen(version), format_, office.settings.home)


async def _asked(request: web.Request) -> ReportVersion:
    async with keys.office_of(request).db.snapshot() as session:
        return await _version(session, request)


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
        told = await _OF_TYPE[version.type](session, request, version)
    context = {
        **told,
        "version": version,
        "decisions": decisions,
        "objection": objection,
        "stage": STAGE_OF.get(version.state),
        "may_recall": version.state in STAGE_OF and version.submitted_by_id == person.id,
        "opinion": form.text("opinion"),
        "problem": problem,
        "errors": messages(problem),
        "STATE_LABELS": STATE_LABELS,
        "DECISION_LABELS": {kind.value: label for kind, label in DECISION_LABELS.items()},
    }
    return render(request, "reports/version.html", context, status=problem.status if problem else 200)


async def _annual(session: AsyncSession, request: web.Request, version: ReportVersion) -> dict[str, Any]:
    report = frozen(version)
    return {
        "home": f"/statistics/reports/annual/{version.period}",
        "home_label": f"{version.period}年",
        "checks": {
            "failed": [one for one in report.checks if one.state is CheckState.FAILED],
            "unknown": sum(1 for one in report.checks if one.state is CheckState.UNKNOWN),
            "blanks": len(report.blanks),
        },
    }


async def _monthly(session: AsyncSession, request: web.Request, version: ReportVersion) -> dict[str, Any]:
    return {
        "home": f"/statistics?month={version.period}",
        "home_label": month_label(version.period),
        "mails": await mails_of(session, version),
        "recipients": await contacts_for(session, Purpose.BULLETIN),
        "sent_from": sending_time(version.period, await entered_holidays(session)),
        "has_mail_server": smtp.is_configured(keys.office_of(request).settings),
        "may_keep_mail": may_any(keys.person_of(request), MAIL_KEEPING),
        "now": clock.now(),
        "MAIL_STATE_LABELS": mail.STATE_LABELS,
    }


_OF_TYPE: Final = {ReportType.ANNUAL: _annual, ReportType.MONTHLY: _monthly}
"""What the page of a version shows besides, by the type of the report."""


async def _version(session: AsyncSession, request: web.Request) -> ReportVersion:
    asked = request.match_info
    if len(asked["number"]) > _MOST_DIGITS:
        raise NotFound("没有这一版报告。")
    return await get_version(session, ReportType(asked["type"]), asked["period"], int(asked["number"]))
