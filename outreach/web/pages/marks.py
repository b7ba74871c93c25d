"""/marks: items that were sealed, what was refused for its classification mark, the lines that were released, the wordings that were
accepted, and what the law asks for now (confidentiality reviewers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from outreach.foundation.problems import InvalidContent
from outreach.items.labels import KIND_LABELS, field_label
from outreach.items.model import Kind
from outreach.people.rules import Act, require
from outreach.review.form import LABELS as FORM_LABELS
from outreach.screening import queries, service
from outreach.screening.rules import LABELS, rule_title
from outreach.sealing.queries import list_cases
from outreach.sealing.rules import VERDICT_LABELS
from outreach.web import keys
from outreach.web.forms import form_of, messages
from outreach.web.rendering import render, see_other

REVIEW_TEXTS: Final[Mapping[str, str]] = {
    **FORM_LABELS,
    "opinion": "审查意见",
    "basis": "法律依据",
    "reason": "理由或事由",
    "comment": "段落意见",
    "referred_to": "报请的部门",
    "answered_by": "答复部门",
    "answer": "答复内容",
    "answer_number": "文号",
}
"""What reviewers type, by the fields of their forms."""


async def show(request: web.Request) -> web.Response:
    """GET /marks"""
    require(keys.person_of(request), Act.KEEP_SCREENING)
    return await _page(request)


async def release(request: web.Request) -> web.Response:
    """POST /marks/released: a line that looks like a mark and is none, typed in by who was shown it."""
    by = keys.person_of(request)
    require(by, Act.KEEP_SCREENING)
    form = await form_of(request)
    line, reason = form.text("line"), form.text("reason")
    try:
        async with keys.office_of(request).db.begin() as session:
            await service.release_line(session, by, line, reason)
    except InvalidContent as problem:
        # The line itself goes back to nobody's screen: it is what may be a secret.
        return await _page(request, {"reason": reason}, problem)
    return see_other("/marks", notice="line-released")


async def revoke(request: web.Request) -> web.Response:
    """POST /marks/released/{id}/revoke"""
    by = keys.person_of(request)
    require(by, Act.KEEP_SCREENING)
    async with keys.office_of(request).db.begin() as session:
        await service.revoke_line(session, by, request.match_info["id"])
    return see_other("/marks", notice="revoked")


async def revoke_wording(request: web.Request) -> web.Response:
    """POST /marks/accepted/{id}/revoke"""
    by = keys.person_of(request)
    require(by, Act.KEEP_SCREENING)
    async with keys.office_of(request).db.begin() as session:
        await service.revoke_wording(session, by, request.match_info["id"])
    return see_other("/marks", notice="revoked")


async def close(request: web.Request) -> web.Response:
    """POST /marks/{id}: what became of a refusal."""
    by = keys.person_of(request)
    require(by, Act.KEEP_SCREENING)
    outcome = (await form_of(request)).text("outcome")
    incident_id = request.match_info["id"]
    try:
        async with keys.office_of(request).db.begin() as session:
            await service.close_incident(session, by, incident_id, outcome)
    except InvalidContent as problem:
        return await _page(request, {f"outcome-{incident_id}": outcome}, problem, at=incident_id)
    return see_other("/marks", notice="mark-closed")


def _place(field: str) -> str:
    """In which field of whatever form something stood: of an item of any kind, or of what a reviewer types."""
    labels = (field_label(kind, field) for kind in Kind)
    return REVIEW_TEXTS.get(field) or next((one for one in labels if one != field), field)


async def _page(
    request: web.Request,
    typed: Mapping[str, str] | None = None,
    problem: InvalidContent | None = None,
    *,
    at: str | None = None,
) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        context = {
            "cases": await list_cases(session, keys.person_of(request)),
            "incidents": await queries.incidents(session),
            "released": await queries.released_lines(session),
            "accepted": await queries.accepted_wordings(session),
            "LABELS": LABELS,
            "VERDICT_LABELS": VERDICT_LABELS,
            "rule_title": rule_title,
            "place": _place,
            "KIND_LABELS": KIND_LABELS,
            "typed": typed or {},
            "errors": messages(problem),
            "at": at,
        }
    return render(request, "marks/marks.html", context, status=problem.status if problem else 200)
