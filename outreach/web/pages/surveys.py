"""/statistics/surveys: questionnaires are made, opened and ended, and their results read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import list_accounts
from outreach.channels.rules import can_log_in
from outreach.followers.questionnaires import ABOUT_LABELS, read_questionnaire
from outreach.followers.texts.rules import STATE_LABELS as TEXT_STATE_LABELS
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, NotPossible, Problem
from outreach.people.model import Person
from outreach.people.rules import may_any, require_any
from outreach.statistics.survey import queries, service
from outreach.statistics.survey.model import Survey
from outreach.statistics.survey.rules import STATE_LABELS, SurveyState, is_open
from outreach.statistics.survey.service import OPENING, WRITING, Plan
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other

_PLACE: Final = "/statistics/surveys"
_EXAMPLE: Final = """问卷：政务公开满意度测评
说明：只要两分钟，不记名。
单选（知晓度）：您知道可以在公众号上查询空气质量和环评公示吗？
+ 知道，查过
+ 知道，没有查过
- 不知道
打分（满意度）：您对本局信息公开的及时性满意吗？
文字：您还希望公开什么？
"""

Deed = Callable[[AsyncSession, Person, str, Form], Awaitable[object]]


async def show_all(request: web.Request) -> web.Response:
    """GET /statistics/surveys"""
    async with keys.office_of(request).db.read() as session:
        found = await queries.surveys(session)
        texts = await queries.newest_texts(session, found)
        counts = await queries.count_answers(session)
    today = clock.today(clock.SHANGHAI)
    context = {
        "rows": [(one, _title(one, texts[one.id].content), counts.get(one.id, 0)) for one in found],
        "open_now": {one.id for one in found if is_open(one.state, one.opens_on, one.closes_on, today)},
        "may_write": may_any(keys.person_of(request), WRITING),
        "STATE_LABELS": STATE_LABELS,
    }
    return render(request, "surveys/list.html", context)


async def show_new(request: web.Request) -> web.Response:
    """GET /statistics/surveys/new"""
    today = clock.today(clock.SHANGHAI)
    days = {"opens_on": [f"{today}"], "closes_on": [f"{today + timedelta(days=30)}"]}
    return await _new_page(request, Form({"content": [_EXAMPLE], **days}))


async def add(request: web.Request) -> web.Response:
    """POST /statistics/surveys/new"""
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            by = keys.person_of(request)
            survey = await service.make_survey(session, by, _plan(form), form.raw("content"))
    except InvalidContent as problem:
        return await _new_page(request, form, problem)
    return see_other(f"{_PLACE}/{survey.id}", notice="saved")


async def show(request: web.Request) -> web.Response:
    """GET /statistics/surveys/{id}"""
    return await _page(request)


async def set_days(request: web.Request) -> web.Response:
    """POST /statistics/surveys/{id}/days"""

    async def deed(session: AsyncSession, by: Person, survey_id: str, form: Form) -> None:
        await service.set_days(session, by, survey_id, _plan(form))

    return await _done(request, deed, "saved")


async def open_(request: web.Request) -> web.Response:
    """POST /statistics/surveys/{id}/open"""
    sealer = keys.office_of(request).sealer

    async def deed(session: AsyncSession, by: Person, survey_id: str, _form: Form) -> None:
        await service.open_survey(session, by, survey_id, sealer)

    return await _done(request, deed, "survey-opened")


async def end(request: web.Request) -> web.Response:
    """POST /statistics/surveys/{id}/end"""

    async def deed(session: AsyncSession, by: Person, survey_id: str, _form: Form) -> None:
        await service.end_survey(session, by, survey_id)

    return await _done(request, deed, "survey-ended")


async def discard(request: web.Request) -> web.Response:
    """POST /statistics/surveys/{id}/discard"""
    async with keys.office_of(request).db.begin() as session:
        await service.discard_survey(session, keys.person_of(request), request.match_info["id"])
    return see_other(_PLACE, notice="survey-discarded")


async def _done(request: web.Request, deed: Deed, notice: str) -> web.Response:
    form, survey_id = await form_of(request), request.match_info["id"]
    try:
        async with keys.office_of(request).db.begin() as session:
            await deed(session, keys.person_of(request), survey_id, form)
    except (InvalidContent, NotPossible) as problem:
        return await _page(request, form, problem)
    return see_other(f"{_PLACE}/{survey_id}", notice=notice)


async def _page(
    request: web.Request, form: Form | None = None, problem: Problem | None = None
) -> web.Response:
    office, reader = keys.office_of(request), keys.person_of(request)
    async with office.db.read() as session:
        survey = await queries.get_survey(session, request.match_info["id"])
        text = (await queries.newest_texts(session, [survey]))[survey.id]
        found = await queries.results(session, survey)
        accounts = {one.id: one.name for one in await list_accounts(session)}
    days = {"opens_on": survey.opens_on.isoformat(), "closes_on": survey.closes_on.isoformat()}
    context: dict[str, Any] = {
        "survey": survey,
        "title": _title(survey, text.content),
        "text": text,
        "found": found,
        "account": accounts.get(survey.account_id or ""),
        "url": f"{office.settings.public_url}/survey/{survey.public_id}",
        "may_write": may_any(reader, WRITING),
        "may_open": may_any(reader, OPENING),
        "may_change": may_any(reader, (*WRITING, *OPENING)) and survey.state is not SurveyState.ENDED,
        "may_read_words": may_any(reader, (*WRITING, *OPENING)),
        "days": {name: form.text(name) or day for name, day in days.items()} if form else days,
        "problem": problem,
        "errors": messages(problem),
        **_WORDS,
    }
    return render(request, "surveys/survey.html", context, status=problem.status if problem else 200)


async def _new_page(request: web.Request, form: Form, problem: InvalidContent | None = None) -> web.Response:
    require_any(keys.person_of(request), WRITING)
    async with keys.office_of(request).db.read() as session:
        accounts = await list_accounts(session, active_only=True)
    context = {
        "accounts": [(one.id, one.name) for one in accounts if can_log_in(one)],
        "typed": form,
        "problem": problem,
        "errors": messages(problem),
    }
    return render(request, "surveys/new.html", context, status=problem.status if problem else 200)


def _plan(form: Form) -> Plan:
    return Plan(form.text("account_id"), form.text("opens_on"), form.text("closes_on"))


def _title(survey: Survey, content: str) -> str:
    return read_questionnaire(survey.content or content).title


_WORDS: Mapping[str, Any] = {
    "STATE_LABELS": STATE_LABELS,
    "TEXT_STATE_LABELS": TEXT_STATE_LABELS,
    "ABOUT_LABELS": ABOUT_LABELS,
}
