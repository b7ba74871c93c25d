"""/survey/{public_id}: a questionnaire for people outside, without any script.

Inside WeChat it leads to the followers' pages, where a follower is known by the silent login and answers once. In any
other browser anybody who has the address can answer; a cookie keeps one browser from doing it twice by mistake, no
more than that is known of anybody, and these answers are counted by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.queries import get_account
from outreach.channels.rules import can_log_in
from outreach.followers.model import Follower
from outreach.followers.questionnaires import ANSWER_LENGTH, SCALE, read_questionnaire
from outreach.foundation import clock, office_settings
from outreach.foundation.problems import Forbidden, InvalidContent, NotFound, NotPossible, Problem
from outreach.statistics.survey.model import Survey
from outreach.statistics.survey.queries import public_survey
from outreach.statistics.survey.rules import SurveyState, is_open
from outreach.statistics.survey.service import answer, has_answered
from outreach.web import csrf, keys
from outreach.web.follow import shell
from outreach.web.follow.page import shown_to_follower
from outreach.web.follow.visits import csrf_token, own_form
from outreach.web.forms import Form, form_of, messages

COOKIE: Final = "outreach_survey"
"""Stands in deploy/nginx: no other cookie passes by the outer door."""

_THANKS: Final = ("谢谢您", "您的回答已经收下。")
_BEFORE: Final = ("您已经答过", "每人答一次，您先前的回答已经收下。谢谢。")
_REMEMBERED_S: Final = 180 * 86_400


async def show(request: web.Request) -> web.Response:
    """GET /survey/{public_id}"""
    async with keys.office_of(request).db.read() as session:
        try:
            survey = await public_survey(session, request.match_info["public_id"])
            if led := await _led_to_followers(request, session, survey):
                return led
            _require_open(survey)
        except (NotFound, NotPossible) as problem:
            return await _told_problem(request, session, problem)
        if COOKIE in request.cookies:
            return await _told(request, session, *_BEFORE)
        return await _form_page(request, session, survey)


async def send(request: web.Request) -> web.Response:
    """POST /survey/{public_id}"""
    office, form = keys.office_of(request), Form({})
    try:
        csrf.require_own_origin(request)
        form = await form_of(request)
        if COOKIE not in request.cookies:
            async with office.db.begin() as session:
                survey = await public_survey(session, request.match_info["public_id"])
                await answer(session, survey, dict(form.pairs()), office.sealer, None)
    except (InvalidContent, NotPossible, NotFound, Forbidden) as problem:
        return await _with_problem(request, form, problem)
    async with office.db.read() as session:
        response = await _told(request, session, *(_BEFORE if COOKIE in request.cookies else _THANKS))
    response.set_cookie(
        COOKIE,
        "1",
        max_age=_REMEMBERED_S,
        path=request.path,
        httponly=True,
        samesite="Lax",
        secure=office.settings.public_url.startswith("https://"),
    )
    return response


async def show_to_follower(request: web.Request) -> web.Response:
    """GET /follow/{account}/survey/{public_id}"""

    async def draw(request: web.Request, session: AsyncSession, follower: Follower) -> web.Response:
        try:
            survey = await _survey_of_account(request, session)
            _require_open(survey)
        except NotPossible as problem:
            return await _told_problem(request, session, problem)
        if await has_answered(session, survey, keys.office_of(request).sealer, follower.openid):
            return await _told(request, session, *_BEFORE)
        return await _form_page(request, session, survey)

    return await shown_to_follower(request, f"survey-{request.match_info['public_id']}", draw)


async def send_as_follower(request: web.Request) -> web.Response:
    """POST /follow/{account}/survey/{public_id}"""
    office, form = keys.office_of(request), Form({})
    try:
        form = await own_form(request)
        async with office.db.begin() as session:
            survey = await _survey_of_account(request, session)
            follower = await shell.follower_of(request, session)
            if follower is None:
                told = "登录已过期，请从公众号里重新打开问卷。刚才的回答没有保存。"
                return await _told(request, session, "请重新进入", told, status=401)
            await answer(session, survey, dict(form.pairs()), office.sealer, follower.openid)
    except (InvalidContent, NotPossible, NotFound, Forbidden) as problem:
        return await _with_problem(request, form, problem)
    async with office.db.read() as session:
        return await _told(request, session, *_THANKS)


async def _led_to_followers(
    request: web.Request, session: AsyncSession, survey: Survey
) -> web.Response | None:
    """Inside WeChat a follower can be known; None anywhere else, or where the survey has no account for it."""
    if survey.account_id is None or "MicroMessenger" not in request.headers.get("User-Agent", ""):
        return None
    account = await get_account(session, survey.account_id)
    if not account.active or not can_log_in(account):
        return None
    place = f"/follow/{account.id}/survey/{survey.public_id}"
    return web.Response(status=303, headers={"Location": place, "Cache-Control": "no-store"})


async def _survey_of_account(request: web.Request, session: AsyncSession) -> Survey:
    """Raises NotFound."""
    survey = await public_survey(session, request.match_info["public_id"])
    if survey.account_id != request.match_info["account"]:
        raise NotFound("没有这份问卷。请核对网址。")
    return survey


def _require_open(survey: Survey) -> None:
    """Raises NotPossible."""
    if is_open(survey.state, survey.opens_on, survey.closes_on, today := clock.today(clock.SHANGHAI)):
        return
    if survey.state is SurveyState.OPEN and today < survey.opens_on:
        raise NotPossible(f"这份问卷从{survey.opens_on.month}月{survey.opens_on.day}日开始，到时再来。")
    raise NotPossible("这份问卷已经结束。谢谢您的关心。")


async def _with_problem(request: web.Request, form: Form, problem: Problem) -> web.Response:
    """The questionnaire once more, with what was answered and what is wrong with it; else what is wrong."""
    async with keys.office_of(request).db.read() as session:
        if not isinstance(problem, InvalidContent):
            return await _told_problem(request, session, problem)
        survey = await public_survey(session, request.match_info["public_id"])
        return await _form_page(request, session, survey, form, problem)


async def _form_page(
    request: web.Request,
    session: AsyncSession,
    survey: Survey,
    form: Form | None = None,
    problem: InvalidContent | None = None,
) -> web.Response:
    is_known = "account" in request.match_info
    context = {
        "survey": survey,
        "questionnaire": read_questionnaire(survey.content),
        "typed": form or Form({}),
        "problem": problem,
        "errors": messages(problem),
        "scale": SCALE,
        "answer_length": ANSWER_LENGTH,
        "is_known": is_known,
        "csrf_field": csrf.FIELD,
        "csrf_token": csrf_token(request) if is_known else "",
        "action": request.path,
    }
    return await _render(request, session, "form.html", context, problem.status if problem else 200)


async def _told_problem(request: web.Request, session: AsyncSession, problem: Problem) -> web.Response:
    return await _told(request, session, problem.title, problem.detail, status=problem.status)


async def _told(
    request: web.Request, session: AsyncSession, title: str, message: str, *, status: int = 200
) -> web.Response:
    return await _render(request, session, "told.html", {"title": title, "message": message}, status)


async def _render(
    request: web.Request, session: AsyncSession, template: str, context: Mapping[str, Any], status: int
) -> web.Response:
    source = request.app[keys.TEMPLATES].get_template(f"survey/{template}")
    bureau = (await office_settings.load(session)).bureau
    html = source.render({**context, "bureau": bureau, "demo": request.app[keys.DEMO]})
    response = web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
    response.headers.update(shell.HEADERS)
    return response
