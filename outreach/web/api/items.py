"""Items: written, read, changed, given files, imported."""

from __future__ import annotations

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import NotFound, invalid
from outreach.items.model import ItemState, Kind, Stage
from outreach.items.queries import ItemFilter, get_item, require_may_ask
from outreach.office import import_items as importing
from outreach.office import take_back, write_item
from outreach.office.item_documents import document_of, list_documents
from outreach.people.queries import section_named
from outreach.people.rules import Act, require
from outreach.review.queries import read_item
from outreach.web import keys
from outreach.web.api.answers import answer, item_answer, items_answer
from outreach.web.api.import_shapes import shape_import
from outreach.web.api.reading import (
    chosen,
    expected_version,
    flag,
    json_object,
    page_of,
    path_id,
    query_text,
    uploaded_file,
)


async def create(request: web.Request) -> web.Response:
    """POST /items: 201, or 200 with the item that the `source_id` names already."""
    office, person = keys.office_of(request), keys.person_of(request)
    require(person, Act.WRITE_ITEMS)
    raw = await json_object(request)
    async with office.db.begin() as session:
        item, new = await write_item.create_item(session, person, raw)
        structlog.contextvars.bind_contextvars(item=item.id)
        document = await document_of(session, item.id, office.settings.public_url)
    response = item_answer(document, 201 if new else 200)
    response.headers["Location"] = f"/api/v1/items/{document.id}"
    return response


async def show_all(request: web.Request) -> web.Response:
    """GET /items?state=&stage=&kind=&section=&text=&limit=&cursor="""
    office, query = keys.office_of(request), request.query
    narrow = ItemFilter(
        text=query_text(query, "text"),
        kind=chosen(query, "kind", Kind),
        section=query_text(query, "section"),
        state=chosen(query, "state", ItemState),
        stage=chosen(query, "stage", Stage),
    )
    limit, cursor = page_of(query)
    require_may_ask(keys.person_of(request), narrow)
    async with office.db.read() as session:
        if narrow.section is not None:
            await _require_known_section(session, narrow.section)
        items, following = await list_documents(
            session,
            keys.person_of(request),
            narrow,
            public_url=office.settings.public_url,
            limit=limit,
            cursor=cursor,
        )
    return items_answer(items, following)


async def show(request: web.Request) -> web.Response:
    """GET /items/{id}"""
    office = keys.office_of(request)
    async with office.db.read() as session:
        item = await read_item(session, path_id(request), keys.person_of(request))
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def change(request: web.Request) -> web.Response:
    """PATCH /items/{id} under If-Match: the named fields."""
    office, person = keys.office_of(request), keys.person_of(request)
    await _require_editable(request)
    version = expected_version(request)
    changes = await json_object(request)
    async with office.db.begin() as session:
        item = await write_item.edit_item(session, path_id(request), person, changes, version=version)
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def attach(request: web.Request) -> web.Response:
    """POST /items/{id}/attachments: one file."""
    office, person = keys.office_of(request), keys.person_of(request)
    await _require_editable(request)
    name, content = await uploaded_file(request)
    attachment = await write_item.attach_file(office, path_id(request), person, name=name, content=content)
    async with office.db.read() as session:
        return item_answer(await document_of(session, attachment.item_id, office.settings.public_url), 201)


async def take_in(request: web.Request) -> web.Response:
    """POST /imports?dry_run=&all_or_nothing=: one file, and its report."""
    office, person = keys.office_of(request), keys.person_of(request)
    require(person, Act.WRITE_ITEMS)
    dry_run, all_or_nothing = flag(request.query, "dry_run"), flag(request.query, "all_or_nothing")
    name, content = await uploaded_file(request)
    report = await importing.import_items(
        office, name, content, by=person, dry_run=dry_run, all_or_nothing=all_or_nothing
    )
    return answer(shape_import(report))


async def recall(request: web.Request) -> web.Response:
    """POST /items/{id}/recall"""
    office = keys.office_of(request)
    async with office.db.begin() as session:
        item = await take_back.recall_item(session, path_id(request), keys.person_of(request))
        return item_answer(await document_of(session, item.id, office.settings.public_url))


async def discard(request: web.Request) -> web.Response:
    """POST /items/{id}/discard: 204, and the draft is gone."""
    async with keys.office_of(request).db.begin() as session:
        await take_back.discard_item(session, path_id(request), keys.person_of(request))
    return web.Response(status=204)


async def _require_known_section(session: AsyncSession, name: str) -> None:
    try:
        await section_named(session, name)
    except NotFound as problem:
        raise invalid("section", problem.detail) from problem


async def _require_editable(request: web.Request) -> None:
    """404, 403 and 409 come before anything is said of the version or the body (RFC 9110, 13.2.1)."""
    async with keys.office_of(request).db.read() as session:
        item = await get_item(session, path_id(request), keys.person_of(request))
        require(keys.person_of(request), Act.WRITE_ITEMS)
        await write_item.require_editable(session, item)
