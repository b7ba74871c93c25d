"""What reviewers propose to write instead (遮盖建议), and what a writer does with it."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.items.queries import get_item
from outreach.office import redaction
from outreach.office.item_documents import document_of
from outreach.people.rules import Act, require
from outreach.review.model import ProposalState, RedactionProposal
from outreach.review.queries import fits, proposals_of, read_item
from outreach.review.service import Removal, patch_of, require_may_judge, require_proposal
from outreach.web import keys
from outreach.web.api.answers import answer, item_answer
from outreach.web.api.bodies import ProposalBody
from outreach.web.api.post_shapes import Moment
from outreach.web.api.reading import body_of, expected_version, path_id


class ProposalShape(BaseModel):
    """New texts by the dotted names of their fields. `fits` says whether they can still be taken over as they are."""

    id: str
    revision: int
    changes: dict[str, str]
    state: ProposalState
    fits: bool
    by: str
    at: Moment
    closed_by: str | None
    closed_at: Moment | None


class ProposalList(BaseModel):
    """All proposals for an item, the first one first."""

    items: list[ProposalShape]
    next_cursor: Literal[None] = None


async def show_all(request: web.Request) -> web.Response:
    """GET /items/{id}/proposals"""
    async with keys.office_of(request).db.read() as session:
        item = await read_item(session, path_id(request), keys.person_of(request))
        found = [await _shape(session, item, one) for one in await proposals_of(session, item.id)]
    return answer(ProposalList(items=found))


async def propose(request: web.Request) -> web.Response:
    """POST /items/{id}/proposals: the item goes back to its writer with the masked texts beside it."""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        await require_may_judge(session, item, person)
        body = await body_of(request, ProposalBody)
        removal = Removal(body.findings, body.opinion, body.basis)
        proposal = await redaction.return_with_masks(
            session, item.id, person, removal, revision=body.revision
        )
        return answer(await _shape(session, item, proposal), 201)


async def take(request: web.Request) -> web.Response:
    """POST /items/{id}/proposals/{proposal}/take under If-Match: it becomes the writer's own edit."""
    office, person, proposal_id = keys.office_of(request), keys.person_of(request), _proposal_id(request)
    async with office.db.begin() as session:
        item = await get_item(session, path_id(request), person)
        await require_proposal(session, item, proposal_id)
        require(person, Act.WRITE_ITEMS)
        await patch_of(session, item, proposal_id)
        version = expected_version(request)
        await redaction.take_proposal(session, item.id, proposal_id, person, version=version)
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def drop(request: web.Request) -> web.Response:
    """POST /items/{id}/proposals/{proposal}/drop: the text is mended in another way."""
    person, proposal_id = keys.person_of(request), _proposal_id(request)
    async with keys.office_of(request).db.begin() as session:
        item = await get_item(session, path_id(request), person)
        await require_proposal(session, item, proposal_id)
        await redaction.drop_proposal(session, item.id, proposal_id, person)
        return answer(await _shape(session, item, await require_proposal(session, item, proposal_id)))


def _proposal_id(request: web.Request) -> str:
    return path_id(request, "proposal")


async def _shape(session: AsyncSession, item: Item, one: RedactionProposal) -> ProposalShape:
    return ProposalShape(
        id=one.id,
        revision=one.revision,
        changes=one.changes,
        state=one.state,
        fits=await fits(session, item, one),
        by=one.by_name,
        at=one.at,
        closed_by=one.closed_by_name,
        closed_at=one.closed_at,
    )
