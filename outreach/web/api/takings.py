"""Who works on an item that is in review (办理), and who asks to hurry (催办)."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item, Stage
from outreach.office import take_item
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.review.acting import acts_on
from outreach.review.queries import at_work_on, possible_takers, read_item
from outreach.review.service import require_may_decide
from outreach.web import keys
from outreach.web.api.answers import answer
from outreach.web.api.bodies import HandOnBody, TakingBody
from outreach.web.api.post_shapes import Moment
from outreach.web.api.reading import body_of, path_id


class TakerShape(BaseModel):
    """Somebody whom the item can be handed to."""

    id: str
    name: str


class TakingShape(BaseModel):
    """Who works on the item at its stage since when; null: nobody does, or it is not in review. `takers` is for
    reviewers of the stage."""

    stage: Stage | None
    revision: int
    by: str | None
    since: Moment | None
    reminders: int
    reminded_by: str | None
    reminded_at: Moment | None
    takers: list[TakerShape]


async def show(request: web.Request) -> web.Response:
    """GET /items/{id}/taking"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        item = await read_item(session, path_id(request), person)
        return answer(await _shape(session, item, person))


async def take(request: web.Request) -> web.Response:
    """POST /items/{id}/taking"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        await require_may_decide(session, item, person)
        body = await body_of(request, TakingBody)
        await take_item.take(session, item.id, person, revision=body.revision)
        return answer(await _shape(session, item, person))


async def hand_on(request: web.Request) -> web.Response:
    """POST /items/{id}/taking/hand-on"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        await require_may_decide(session, item, person)
        body = await body_of(request, HandOnBody)
        await take_item.hand_on(session, item.id, person, body.to, revision=body.revision)
        return answer(await _shape(session, item, person))


async def give_back(request: web.Request) -> web.Response:
    """POST /items/{id}/taking/give-back"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        await take_item.give_back(session, item.id, person)
        return answer(await _shape(session, item, person))


async def remind(request: web.Request) -> web.Response:
    """POST /items/{id}/reminders"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        require(person, Act.WRITE_ITEMS)
        await take_item.remind(session, item.id, person)
        return answer(await _shape(session, item, person))


async def _shape(session: AsyncSession, item: Item, reader: Person) -> TakingShape:
    work = await at_work_on(session, item)
    takers = await possible_takers(session, item) if acts_on(reader, item) else []
    return TakingShape(
        stage=item.stage,
        revision=item.revision,
        by=work.person_name,
        since=work.since,
        reminders=work.reminders,
        reminded_by=work.reminded_by,
        reminded_at=work.reminded_at,
        takers=[TakerShape(id=id_, name=name) for id_, name in takers if id_ != reader.id],
    )
