"""Drafts save themselves after a pause in typing; whatever stands in review is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aiohttp import web

from outreach.foundation.problems import (
    ClassificationMarkFound,
    Forbidden,
    InvalidContent,
    NotFound,
    NotPossible,
    Problem,
    StaleState,
    StaleVersion,
    invalid,
)
from outreach.items.content import known_kind
from outreach.items.model import Item, Kind
from outreach.items.queries import get_item
from outreach.items.service import NUMBER_TAKEN
from outreach.office import write_item
from outreach.people.rules import Act, require
from outreach.screening.marks import doorkeeper
from outreach.web import keys
from outreach.web.forms import Form, form_of
from outreach.web.pages.item_form_values import (
    COMPOSES,
    Typed,
    changes_of,
    form_id_in,
    raw_item,
    typed_by_field,
    typed_in,
    version_in,
)
from outreach.web.pages.item_form_view import view_form
from outreach.web.rendering import render

_FIRST_VERSION: Final = 1
_TOLD: Final = (InvalidContent, NotPossible, StaleVersion, Forbidden, NotFound)


async def keep_new(request: web.Request) -> web.Response:
    """POST /items/new/autosave: a new form becomes a draft as soon as it can be one."""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    form = await form_of(request)
    kind = known_kind(form.text("kind"))
    if kind is None:
        raise invalid("kind", "请先选择类别。")
    typed = _typed(form, kind)
    try:
        await _refuse_marks(request, typed)
        return _saved(request, await _draft(request, form, kind, typed))
    except _TOLD as problem:
        return _not_saved(request, kind, typed, problem)


async def keep(request: web.Request) -> web.Response:
    """POST /items/{id}/autosave: for the version that the form shows, and only in a draft."""
    person = keys.person_of(request)
    require(person, Act.WRITE_ITEMS)
    form = await form_of(request)
    async with keys.office_of(request).db.read() as session:
        kind = (await get_item(session, request.match_info["id"], person)).kind
    typed = _typed(form, kind)
    try:
        await _refuse_marks(request, typed)
        return _saved(
            request, await _edited(request, form, typed, request.match_info["id"], version_in(form))
        )
    except _TOLD as problem:
        return _not_saved(request, kind, typed, problem)


async def _draft(request: web.Request, form: Form, kind: Kind, typed: Typed) -> Item:
    """The item that the form makes. Where it has made it already and the answer was lost, what was typed
    since goes into it, unless anybody has changed it meanwhile."""
    form_id = form_id_in(form)
    async with keys.office_of(request).db.begin() as session:
        raw = raw_item(kind, typed)
        item, is_new = await write_item.create_item(session, keys.person_of(request), raw, item_id=form_id)
    if is_new:
        return item
    if item.id != form_id:
        raise invalid("source_id", NUMBER_TAKEN)
    return await _edited(request, form, typed, item.id, _FIRST_VERSION)


async def _edited(request: web.Request, form: Form, typed: Typed, item_id: str, version: int) -> Item:
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        item = await get_item(session, item_id, person)
        changes = changes_of(raw_item(item.kind, typed), item, typed)
        composes = form.is_ticked(COMPOSES)
        return await write_item.keep_draft(
            session, item_id, person, changes, version=version, composes=composes
        )


def _typed(form: Form, kind: Kind) -> Typed:
    """What was typed; to strike a file waits until somebody saves."""
    return replace(typed_in(form, kind), struck=frozenset())


async def _refuse_marks(request: web.Request, typed: Typed) -> None:
    """Also in a form that is not whole yet: else the browser would keep the text until it is."""
    async with keys.office_of(request).db.read() as session:
        door = await doorkeeper(session)
    door.refuse_typed(typed_by_field(typed))


def _saved(request: web.Request, item: Item) -> web.Response:
    zone = keys.office_of(request).settings.zone
    context = {"item": item, "at": f"{item.updated_at.astimezone(zone):%H:%M}"}
    return render(request, "items/_autosaved.html", context)


def _not_saved(request: web.Request, kind: Kind, typed: Typed, problem: Problem) -> web.Response:
    """Told with status 200: that a form is not whole yet is no error of whoever asked."""
    lines = view_form(kind, typed, problem, is_new=True).summary
    context = {"item": None, "outcome": _outcome(problem), "problem": problem, "lines": lines}
    return render(request, "items/_autosaved.html", context)


def _outcome(problem: Problem) -> str:
    """What the script does: go on, forget the text, or stop."""
    if isinstance(problem, ClassificationMarkFound):
        return "marked"
    if isinstance(problem, InvalidContent):
        return "invalid"
    return "stale" if isinstance(problem, StaleVersion | StaleState) else "stopped"
