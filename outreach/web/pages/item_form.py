"""/items/new and /items/{id}/edit: the form of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.ids import new_id
from outreach.foundation.problems import (
    Forbidden,
    InvalidContent,
    NotPossible,
    Problem,
    StaleState,
    StaleVersion,
    invalid,
)
from outreach.items.content import known_kind
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Attachment, Item, ItemState, Kind
from outreach.items.queries import get_item
from outreach.items.rules import CORRECTABLE, place_label
from outreach.items.service import NUMBER_TAKEN
from outreach.office import write_item
from outreach.people import queries as people
from outreach.people.rules import Act, require, sees_section
from outreach.screening.marks import doorkeeper
from outreach.web import keys
from outreach.web.forms import form_of
from outreach.web.pages.item_form_values import (
    COMPOSES,
    Typed,
    changes_of,
    correction_of,
    form_id_in,
    raw_item,
    typed_by_field,
    typed_in,
    typed_of,
    version_in,
)
from outreach.web.pages.item_form_view import view_form
from outreach.web.rendering import render, see_other

_STALE: Final = (StaleVersion, StaleState)
_SHOWN_IN_THE_FORM: Final = (InvalidContent, NotPossible, StaleVersion, Forbidden)
_STARTS_ANEW: Final = frozenset({ItemState.IN_REVIEW, ItemState.APPROVED})


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file in the list of the form. `size` is text."""

    id: str
    name: str
    size: str
    missing: bool


async def show_new(request: web.Request) -> web.Response:
    """GET /items/new?kind=: without a kind, the choice of one. `corrects=` is the id of the item that the new one is to
    correct: it begins with what that says."""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    if corrected := request.query.get("corrects"):
        return await _correction_page(request, corrected)
    kind = known_kind(request.query.get("kind"))
    if kind is None:
        return render(request, "items/choose_kind.html", {"kinds": KIND_LABELS.items()})
    return await _new_page(request, kind, Typed({"origin": "original"}), new_id())


async def _correction_page(request: web.Request, item_id: str) -> web.Response:
    """Raises NotFound, NotPossible where the item has never been out."""
    async with keys.office_of(request).db.read() as session:
        item = await get_item(session, item_id.replace("\x00", ""), keys.person_of(request))
    if item.state not in CORRECTABLE:
        told = place_label((item.state, item.stage))
        raise NotPossible(f"信息当前为“{told}”，还没有发布，不能更正。请直接修改它。")
    return await _new_page(request, item.kind, correction_of(item), new_id())


async def add(request: web.Request) -> web.Response:
    """POST /items/new: the form's id becomes the item's, so that the same form makes one item only."""
    person = keys.person_of(request)
    require(person, Act.WRITE_ITEMS)
    form = await form_of(request)
    kind = known_kind(form.text("kind"))
    if kind is None:
        raise invalid("kind", "请先选择类别。")
    typed, form_id = typed_in(form, kind), form_id_in(form)
    try:
        async with keys.office_of(request).db.begin() as session:
            raw = await _raw_item(session, kind, typed)
            item, new = await write_item.create_item(session, person, raw, item_id=form_id)
            if not new and item.id != form_id:
                raise invalid("source_id", NUMBER_TAKEN)
    except _SHOWN_IN_THE_FORM as problem:
        return await _new_page(request, kind, typed, form_id, problem)
    structlog.contextvars.bind_contextvars(item=item.id)
    return see_other(f"/items/{item.id}", notice="saved" if new else "item-saved-before")


async def show_edit(request: web.Request) -> web.Response:
    """GET /items/{id}/edit"""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    async with keys.office_of(request).db.read() as session:
        await write_item.require_editable(session, await _item(request, session))
    return await edit_page(request)


async def change(request: web.Request) -> web.Response:
    """POST /items/{id}/edit"""
    person, form = keys.person_of(request), await form_of(request)
    require(person, Act.WRITE_ITEMS)
    item_id, version = request.match_info["id"], version_in(form)
    async with keys.office_of(request).db.read() as session:
        typed = typed_in(form, (await _item(request, session)).kind)
    try:
        async with keys.office_of(request).db.begin() as session:
            item = await _item(request, session)
            changes = changes_of(await _raw_item(session, item.kind, typed), item, typed)
            composes = form.is_ticked(COMPOSES)
            await write_item.edit_item(session, item_id, person, changes, version=version, composes=composes)
    except _SHOWN_IN_THE_FORM as problem:
        # Whoever was told of the other's changes and saves again has seen them: their version counts then.
        return await edit_page(request, typed, problem, None if isinstance(problem, _STALE) else version)
    return see_other(f"/items/{item_id}", notice="saved")


async def edit_page(
    request: web.Request,
    typed: Typed | None = None,
    problem: Problem | None = None,
    version: int | None = None,
    upload_errors: Sequence[str] = (),
) -> web.Response:
    """The form of an item that is there: as it is, or with what was typed (for `version`, else for the
    present one). `upload_errors` tell which files were not taken."""
    async with keys.office_of(request).db.read() as session:
        item = await _item(request, session)
        sections = await _sections(request, session)
    shown = typed or typed_of(item)
    context: dict[str, Any] = {
        "item": item,
        "kind": item.kind,
        "heading": f"修改{KIND_LABELS[item.kind]}",
        "action": f"/items/{item.id}/edit",
        "cancel": f"/items/{item.id}",
        "version": item.version if version is None else version,
        "view": view_form(item.kind, shown, problem, is_new=False),
        "sections": sections,
        "attachments": [_row(one) for one in item.attachments],
        "starts_anew": item.state in _STARTS_ANEW,
        "keeps_itself": item.state is ItemState.DRAFT and not isinstance(problem, _STALE),
        "problem": problem,
        "is_stale": isinstance(problem, _STALE),
        "upload_errors": upload_errors,
    }
    status = problem.status if problem else 422 if upload_errors else 200
    return render(request, "items/form.html", context, status=412 if context["is_stale"] else status)


async def _raw_item(session: AsyncSession, kind: Kind, typed: Typed) -> dict[str, Any]:
    """The raw item that was typed. A classification mark is told first, also where inputs can't be read. Raises
    InvalidContent, ClassificationMarkFound."""
    try:
        return raw_item(kind, typed)
    except InvalidContent as problem:
        (await doorkeeper(session)).refuse_typed(typed_by_field(typed), problem.errors)
        raise


async def _new_page(
    request: web.Request, kind: Kind, typed: Typed, form_id: str, problem: Problem | None = None
) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        sections = await _sections(request, session)
    if len(sections) == 1 and not typed.values.get("section"):
        typed = Typed({**typed.values, "section": sections[0][0]}, typed.extra)
    context = {
        "item": None,
        "kind": kind,
        "heading": f"发更正：{KIND_LABELS[kind]}"
        if typed.values.get("corrects")
        else f"新建{KIND_LABELS[kind]}",
        "action": "/items/new",
        "cancel": "/items",
        "form_id": form_id,
        "composes": COMPOSES,
        "view": view_form(kind, typed, problem, is_new=True),
        "sections": sections,
        "starts_anew": False,
        "keeps_itself": True,
        "problem": problem,
        "is_stale": False,
    }
    return render(request, "items/form.html", context, status=problem.status if problem else 200)


async def _item(request: web.Request, session: AsyncSession) -> Item:
    return await get_item(session, request.match_info["id"], keys.person_of(request))


async def _sections(request: web.Request, session: AsyncSession) -> list[tuple[str, str]]:
    person = keys.person_of(request)
    return [(one.name, one.name) for one in await people.sections(session) if sees_section(person, one.id)]


def _row(attachment: Attachment) -> AttachmentRow:
    return AttachmentRow(attachment.id, attachment.name, file_size(attachment.size), attachment.missing)


def file_size(size: int) -> str:
    """Bytes as `3.2 MB` or `14 KB`."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
