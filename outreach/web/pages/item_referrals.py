"""报请确定 on the page of an item: what is asked of which department, and what it answered."""

from __future__ import annotations

from datetime import date

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import FieldError, InvalidContent, Problem, invalid
from outreach.office import review_item
from outreach.review.service import Answer, Question
from outreach.web import keys
from outreach.web.forms import Form
from outreach.web.pages.item_actions import act_on, item_path, revision_of


async def refer(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/referrals"""

    async def ask(session: AsyncSession, form: Form) -> object:
        question = Question(form.text("referred_to"), form.text("referral_reason"))
        item_id, person = request.match_info["id"], keys.person_of(request)
        try:
            return await review_item.refer(session, item_id, person, question, revision=revision_of(form))
        except InvalidContent as problem:
            raise _as_on_the_page(problem) from problem

    return await act_on(request, ask, item_path(request), "referred")


async def answer(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/referrals/{referral}/answer"""

    async def note(session: AsyncSession, form: Form) -> object:
        given = Answer(
            form.text("answered_by"), _day(form), form.text("answer"), form.text("answer_number") or None
        )
        return await review_item.note_answer(
            session,
            request.match_info["id"],
            request.match_info["referral"],
            keys.person_of(request),
            given,
            revision=revision_of(form),
        )

    return await act_on(request, note, item_path(request), "answer-noted")


def _as_on_the_page(problem: InvalidContent) -> Problem:
    """The page has another `reason`: that of a finding."""
    names = {"reason": "referral_reason"}
    errors = [FieldError(names.get(error.field, error.field), error.message) for error in problem.errors]
    return type(problem)(problem.detail, errors=errors)


def _day(form: Form) -> date:
    try:
        return date.fromisoformat(form.text("answered_on"))
    except ValueError:
        raise invalid("answered_on", "请填写答复日期，例如 2026-11-24。") from None
