"""What is said of passages of an item (段落意见)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import ItemState
from outreach.items.rules import texts_of
from outreach.items.service import snapshot_of
from outreach.office import comment_item
from outreach.review.model import PassageComment
from outreach.review.queries import comments_of, read_item
from outreach.review.service import Remark, passage_of, require_comment, require_may_comment
from outreach.web import keys
from outreach.web.api.answers import answer
from outreach.web.api.bodies import CommentBody
from outreach.web.api.post_shapes import Moment
from outreach.web.api.reading import body_of, path_id


class CommentShape(BaseModel):
    """A comment on code points `start` to `end` (exclusive) of `field` in that revision. `passage` is null where the
    text was changed there since, what is settled null until it is."""

    id: str
    revision: int
    field: str
    start: int
    end: int
    passage: str | None
    text: str
    by: str
    at: Moment
    settled_by: str | None
    settled_at: Moment | None


class CommentList(BaseModel):
    """All comments on an item, those that are not settled first, then by time."""

    items: list[CommentShape]
    next_cursor: Literal[None] = None


async def show_all(request: web.Request) -> web.Response:
    """GET /items/{id}/comments; of a sealed item there are none."""
    async with keys.office_of(request).db.read() as session:
        item = await read_item(session, path_id(request), keys.person_of(request))
        found = [] if item.state is ItemState.SEALED else await comments_of(session, item.id)
        texts = texts_of(snapshot_of(item))
        return answer(CommentList(items=[_shape(session, one, texts) for one in found]))


async def add(request: web.Request) -> web.Response:
    """POST /items/{id}/comments"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        require_may_comment(person, item)
        body = await body_of(request, CommentBody)
        remark = Remark(body.field, body.quote, body.comment)
        row = await comment_item.comment(session, item.id, person, remark, revision=body.revision)
        return answer(_shape(session, row, texts_of(snapshot_of(item))), 201)


async def settle(request: web.Request) -> web.Response:
    """POST /items/{id}/comments/{comment}/settle"""
    person, comment_id = keys.person_of(request), path_id(request, "comment")
    async with keys.office_of(request).db.begin() as session:
        item = await read_item(session, path_id(request), person)
        await comment_item.settle(session, item.id, comment_id, person)
        row = await require_comment(session, item, comment_id)
        return answer(_shape(session, row, texts_of(snapshot_of(item))))


def _shape(session: AsyncSession, one: PassageComment, texts: Mapping[str, str]) -> CommentShape:
    return CommentShape(
        id=one.id,
        revision=one.revision,
        field=one.field,
        start=one.start,
        end=one.end,
        passage=passage_of(session, one, texts),
        text=one.text,
        by=one.by_name,
        at=one.at,
        settled_by=one.resolved_by_name,
        settled_at=one.resolved_at,
    )
