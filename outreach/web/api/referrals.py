"""What was put to a department (报请确定), and its answers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from outreach.foundation.problems import NotFound
from outreach.office import review_item
from outreach.review.model import Referral
from outreach.review.queries import read_item, referrals_of
from outreach.review.service import Answer, Question, require_may_refer
from outreach.web import keys
from outreach.web.api.answers import answer as answered
from outreach.web.api.bodies import AnswerBody, ReferralBody
from outreach.web.api.post_shapes import Moment
from outreach.web.api.reading import body_of, path_id


class ReferralShape(BaseModel):
    """A question that was put to a department; what is answered is null until the answer is noted. `instead_of` and
    `noted_instead_of` name whom a deputy stood in for."""

    id: str
    revision: int
    referred_to: str
    reason: str
    basis: str
    by: str
    instead_of: str | None
    at: Moment
    answered_by: str | None
    answered_on: date | None
    answer: str | None
    answer_number: str | None
    noted_by: str | None
    noted_instead_of: str | None
    noted_at: Moment | None


class ReferralList(BaseModel):
    """All referrals of an item, the first one first."""

    items: list[ReferralShape]
    next_cursor: Literal[None] = None


async def show_all(request: web.Request) -> web.Response:
    """GET /items/{id}/referrals"""
    async with keys.office_of(request).db.read() as session:
        item = await read_item(session, path_id(request), keys.person_of(request))
        found = await referrals_of(session, item.id)
    return answered(ReferralList(items=[_shape(one) for one in found]))


async def refer(request: web.Request) -> web.Response:
    """POST /items/{id}/referrals"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        await require_may_refer(session, item, person)
        body = await body_of(request, ReferralBody)
        question = Question(body.referred_to, body.reason, body.basis)
        referral = await review_item.refer(session, item.id, person, question, revision=body.revision)
        return answered(_shape(referral), 201)


async def answer(request: web.Request) -> web.Response:
    """POST /items/{id}/referrals/{referral}/answer"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        referral = await session.get(Referral, path_id(request, "referral"))
        if referral is None or referral.item_id != item.id:
            raise NotFound("没有这次报请。")
        await require_may_refer(session, item, person)
        body = await body_of(request, AnswerBody)
        given = Answer(body.answered_by, body.answered_on, body.answer, body.answer_number)
        referral = await review_item.note_answer(
            session, item.id, referral.id, person, given, revision=body.revision
        )
        return answered(_shape(referral))


def _shape(referral: Referral) -> ReferralShape:
    return ReferralShape(
        id=referral.id,
        revision=referral.revision,
        referred_to=referral.referred_to,
        reason=referral.reason,
        basis=referral.basis,
        by=referral.by_name,
        instead_of=referral.absent_name,
        at=referral.at,
        answered_by=referral.answered_by,
        answered_on=referral.answered_on,
        answer=referral.answer,
        answer_number=referral.answer_number,
        noted_by=referral.noted_by_name,
        noted_instead_of=referral.noted_absent_name,
        noted_at=referral.noted_at,
    )
