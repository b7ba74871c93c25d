"""Items handed in, findings judged, decisions taken."""

from __future__ import annotations

from aiohttp import web

from outreach.office import review_item
from outreach.office.item_documents import document_of
from outreach.office.submit_item import require_submittable, submit_item
from outreach.review.queries import read_item
from outreach.review.service import Grounds, Verdict, require_may_decide, require_may_judge
from outreach.screening.queries import get_finding
from outreach.web import keys
from outreach.web.api.answers import item_answer
from outreach.web.api.bodies import FindingBody, ReviewBody, SubmitBody
from outreach.web.api.reading import body_of, path_id


async def submit(request: web.Request) -> web.Response:
    """POST /items/{id}/submit"""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.read() as session:
        require_submittable(await read_item(session, path_id(request), person), person)
    grounds = await _grounds(request)
    item = await submit_item(office, path_id(request), person, emergency=grounds)
    async with office.db.read() as session:
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def decide(request: web.Request) -> web.Response:
    """POST /items/{id}/reviews at the item's present stage."""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.begin() as session:
        item = await read_item(session, path_id(request), person)
        await require_may_decide(session, item, person)
        body = await body_of(request, ReviewBody)
        verdict = Verdict(body.decision, body.opinion, body.basis, body.form, body.outcome)
        item = await review_item.decide(
            session, item.id, person, verdict, revision=body.revision, zone=office.settings.zone
        )
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def judge(request: web.Request) -> web.Response:
    """POST /items/{id}/findings/{finding}"""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.begin() as session:
        item = await read_item(session, path_id(request), person)
        finding = await get_finding(session, item, path_id(request, "finding"))
        await require_may_judge(session, item, person)
        body = await body_of(request, FindingBody)
        item = await review_item.judge_finding(
            session, item.id, finding.id, person, body.decision, body.reason, revision=body.revision
        )
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def _grounds(request: web.Request) -> Grounds | None:
    """What the body says of an emergency; usually there is no body."""
    if not request.body_exists:
        return None
    emergency = (await body_of(request, SubmitBody)).emergency
    return Grounds(emergency.reason, emergency.authority_document) if emergency else None
