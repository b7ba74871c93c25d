"""办理 on an item's page: taken, handed on, given back, reminded of."""

from __future__ import annotations

from aiohttp import web

from outreach.office import take_item
from outreach.web import keys
from outreach.web.pages.item_actions import act_on, item_path, revision_of


async def take(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/taking"""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: take_item.take(session, item_id, person, revision=revision_of(form)),
        item_path(request),
        "item-taken",
    )


async def hand_on(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/taking/hand-on"""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: take_item.hand_on(
            session, item_id, person, form.text("to"), revision=revision_of(form)
        ),
        item_path(request),
        "item-handed-on",
    )


async def give_back(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/taking/give-back"""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: take_item.give_back(session, item_id, person),
        item_path(request),
        "item-given-back",
    )


async def remind(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/reminders"""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: take_item.remind(session, item_id, person),
        item_path(request),
        "reminded",
    )
