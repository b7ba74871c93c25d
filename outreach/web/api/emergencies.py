"""What the section says of an emergency that went past it, and what the signatory answers."""

from __future__ import annotations

from aiohttp import web

from outreach.items.queries import get_item
from outreach.office import review_emergency
from outreach.office.item_documents import document_of
from outreach.review.model import DecisionKind
from outreach.review.service import Verdict, require_may_decide_afterwards, require_may_keep
from outreach.web import keys
from outreach.web.api.answers import item_answer
from outreach.web.api.bodies import KeepBody, SectionReviewBody
from outreach.web.api.reading import body_of, path_id


async def decide(request: web.Request) -> web.Response:
    """POST /items/{id}/section-review"""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.begin() as session:
        item = await get_item(session, path_id(request), person)
        await require_may_decide_afterwards(session, item, person)
        body = await body_of(request, SectionReviewBody)
        verdict = Verdict(DecisionKind(body.decision), body.opinion)
        await review_emergency.decide_afterwards(
            session, item.id, person, verdict, revision=body.revision, zone=office.settings.zone
        )
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def keep(request: web.Request) -> web.Response:
    """POST /items/{id}/section-review/keep"""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.begin() as session:
        item = await get_item(session, path_id(request), person)
        await require_may_keep(session, item, person)
        body = await body_of(request, KeepBody)
        await review_emergency.keep_public(session, item.id, person, body.reason, revision=body.revision)
        return item_answer(await document_of(session, item.id, office.settings.public_url))
