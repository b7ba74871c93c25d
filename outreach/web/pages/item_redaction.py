"""遮盖建议 on an item's page: what reviewer and writer do with it."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.office import redaction
from outreach.review.service import Removal
from outreach.web import keys
from outreach.web.forms import Form
from outreach.web.pages.item_actions import act_on, item_path, revision_of
from outreach.web.pages.item_form_values import version_in


async def propose(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/redaction: the ticked findings are real; the item goes back with a proposal."""

    async def record(session: AsyncSession, form: Form) -> object:
        removal = Removal(form.texts("findings"), form.text("opinion"))
        item_id, person = request.match_info["id"], keys.person_of(request)
        return await redaction.return_with_masks(
            session, item_id, person, removal, revision=revision_of(form)
        )

    return await act_on(request, record, "/queue", "redaction-proposed")


async def take(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/redaction/{proposal}/take: the proposal becomes the writer's own edit."""

    async def edit(session: AsyncSession, form: Form) -> object:
        item_id, proposal_id = request.match_info["id"], request.match_info["proposal"]
        person = keys.person_of(request)
        return await redaction.take_proposal(session, item_id, proposal_id, person, version=version_in(form))

    return await act_on(request, edit, item_path(request), "redaction-taken")


async def drop(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/redaction/{proposal}/drop"""
    return await act_on(
        request,
        lambda session, form: redaction.drop_proposal(
            session, request.match_info["id"], request.match_info["proposal"], keys.person_of(request)
        ),
        item_path(request),
        "redaction-dropped",
    )
