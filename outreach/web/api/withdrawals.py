"""What is out is withdrawn: a post, all of an item, a penalty on a day to come."""

from __future__ import annotations

from aiohttp import web

from outreach.items.queries import get_item
from outreach.office import withdraw_posts
from outreach.office.item_documents import document_of
from outreach.publishing.queries import attempts_of, get_post
from outreach.web import keys
from outreach.web.api.answers import answer, item_answer
from outreach.web.api.bodies import DaysBody, WithdrawBody
from outreach.web.api.post_shapes import shape_post_in_full
from outreach.web.api.reading import body_of, path_id


async def withdraw_post(request: web.Request) -> web.Response:
    """POST /posts/{id}/withdraw: a published post is taken down again, for good."""
    person, post_id = keys.person_of(request), path_id(request)
    async with keys.office_of(request).db.begin() as session:
        withdraw_posts.require_withdrawable(await get_post(session, post_id, person), person)
        body = await body_of(request, WithdrawBody)
        post = await withdraw_posts.withdraw_post(session, post_id, person, body.reason)
        return answer(shape_post_in_full(post, await attempts_of(session, post)))


async def withdraw_item(request: web.Request) -> web.Response:
    """POST /items/{id}/withdraw: all of it."""
    office, person, item_id = keys.office_of(request), keys.person_of(request), path_id(request)
    async with office.db.begin() as session:
        withdraw_posts.require_item_withdrawable(await get_item(session, item_id, person), person)
        body = await body_of(request, WithdrawBody)
        await withdraw_posts.withdraw_item(session, item_id, person, body.reason)
        return item_answer(await document_of(session, item_id, office.settings.public_url))


async def set_days(request: web.Request) -> web.Response:
    """POST /items/{id}/withdrawal-days: when an approved or published penalty withdraws itself."""
    office, person, item_id = keys.office_of(request), keys.person_of(request), path_id(request)
    async with office.db.begin() as session:
        withdraw_posts.require_days(await get_item(session, item_id, person), person)
        body = await body_of(request, DaysBody)
        await withdraw_posts.set_days(
            session,
            item_id,
            person,
            publish_until=body.publish_until,
            credit_repaired_on=body.credit_repaired_on,
        )
        return item_answer(await document_of(session, item_id, office.settings.public_url))
