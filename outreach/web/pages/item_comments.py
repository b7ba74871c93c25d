"""段落意见 on an item's page: what is said of its passages, and the forms to say it and to settle it."""

from __future__ import annotations

from aiohttp import web

from outreach.office import comment_item
from outreach.review.service import Remark
from outreach.web import keys
from outreach.web.pages.item_actions import act_on, item_path, revision_of


async def add(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/comments"""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: comment_item.comment(
            session,
            item_id,
            person,
            Remark(form.text("field"), form.text("quote"), form.text("comment")),
            revision=revision_of(form),
        ),
        f"{item_path(request)}#comments",
        "comment-added",
    )


async def settle(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/comments/{comment}/settle"""
    item_id, person = request.match_info["id"], keys.person_of(request)
    return await act_on(
        request,
        lambda session, form: comment_item.settle(session, item_id, request.match_info["comment"], person),
        f"{item_path(request)}#comments",
        "comment-settled",
    )
