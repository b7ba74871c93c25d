"""When things go out: posts planned anew, and times before which nothing goes."""

from __future__ import annotations

from aiohttp import web

from outreach.items.queries import get_item
from outreach.office import reschedule_post
from outreach.office import set_embargo as embargo
from outreach.office.item_documents import document_of
from outreach.publishing.queries import attempts_of, get_post
from outreach.web import keys
from outreach.web.api.answers import answer, item_answer
from outreach.web.api.bodies import EmbargoBody, RescheduleBody
from outreach.web.api.post_shapes import shape_post_in_full
from outreach.web.api.reading import body_of, path_id


async def reschedule(request: web.Request) -> web.Response:
    """PATCH /posts/{id}: another time; 409 where it is not planned any more."""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        post = await get_post(session, path_id(request), person)
        reschedule_post.require_reschedulable(post, person)
        body = await body_of(request, RescheduleBody)
        post = await reschedule_post.reschedule_post(session, post.id, person, body.at)
        response = answer(shape_post_in_full(post, await attempts_of(session, post)))
    await keys.wake(request)
    return response


async def set_embargo(request: web.Request) -> web.Response:
    """PUT /items/{id}/not-before"""
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.begin() as session:
        item = await get_item(session, path_id(request), person)
        embargo.require_may_set(item, person)
        body = await body_of(request, EmbargoBody)
        await embargo.set_embargo(session, item.id, person, body.not_before)
        return item_answer(await document_of(session, item.id, office.settings.public_url))
