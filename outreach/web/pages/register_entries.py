"""/statistics/registers/{register}/…: an entry is typed, changed and taken out."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, NotPossible, Problem
from outreach.people.model import Section
from outreach.people.queries import sections
from outreach.people.rules import Act, require, sees_section
from outreach.statistics.registers import service
from outreach.statistics.registers.fields import FieldType, typed_value
from outreach.statistics.registers.model import RegisterEntry
from outreach.statistics.registers.queries import get_entry, values_of, year_of_register
from outreach.statistics.registers.rules import year_typed
from outreach.statistics.registers.service import Draft
from outreach.statistics.registers.shape import Register, Variant
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.registers import HERE, choices_for, register_of, year_of
from outreach.web.rendering import render, see_other


async def show_new(request: web.Request) -> web.Response:
    """GET /statistics/registers/{register}/new?variant=&year="""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    register = register_of(request)
    variant = _variant(register, request.query.get("variant", ""))
    dated = variant.field(variant.dated_by)
    typed = {dated.name: str(year_of(request))} if dated.type is FieldType.YEAR else {}
    return await _form(request, register, Draft(variant, typed), year=year_of(request))


async def add(request: web.Request) -> web.Response:
    """POST /statistics/registers/{register}/new"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    register, form = register_of(request), await form_of(request)
    draft = _draft(register, form)
    try:
        async with keys.office_of(request).db.begin() as session:
            entry = await service.add_entry(session, register, keys.person_of(request), draft)
    except (InvalidContent, NotPossible) as problem:
        return await _form(request, register, draft, problem=problem)
    if form.is_ticked("another"):
        address = f"{HERE}/{register.key}/new?variant={draft.variant.key}&year={entry.year}"
        return see_other(address, notice="saved")
    return see_other(f"{HERE}/{register.key}?year={entry.year}", notice="saved")


async def show(request: web.Request) -> web.Response:
    """GET /statistics/registers/{register}/{id}"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    register = register_of(request)
    async with keys.office_of(request).db.read() as session:
        entry = await get_entry(session, register, request.match_info["id"], keys.person_of(request))
        section = await session.get(Section, entry.section_id) if entry.section_id else None
    typed = {name: typed_value(value) for name, value in entry.data.items()}
    draft = Draft(register.variant(entry.variant), typed, section.name if section else "")
    return await _form(request, register, draft, entry=entry)


async def change(request: web.Request) -> web.Response:
    """POST /statistics/registers/{register}/{id}: `version` is the one that was read."""
    by = keys.person_of(request)
    require(by, Act.KEEP_FIGURES)
    register, form, entry_id = register_of(request), await form_of(request), request.match_info["id"]
    async with keys.office_of(request).db.read() as session:
        entry = await get_entry(session, register, entry_id, by)
    draft = _draft(register, form, register.variant(entry.variant))
    try:
        async with keys.office_of(request).db.begin() as session:
            await service.change_entry(session, register, entry_id, by, draft, version=_version(form))
    except (InvalidContent, NotPossible) as problem:
        return await _form(request, register, draft, entry=entry, seen=_version(form), problem=problem)
    year = year_typed(draft.variant, draft.typed)
    return see_other(f"{HERE}/{register.key}?year={year}", notice="saved")


async def remove(request: web.Request) -> web.Response:
    """POST /statistics/registers/{register}/{id}/remove: `version`"""
    by = keys.person_of(request)
    register, form, entry_id = register_of(request), await form_of(request), request.match_info["id"]
    async with keys.office_of(request).db.begin() as session:
        entry = await get_entry(session, register, entry_id, by)
        await service.remove_entry(session, register, entry_id, by, version=_version(form))
    return see_other(f"{HERE}/{register.key}?year={entry.year}", notice="entry-removed")


def _variant(register: Register, key: str) -> Variant:
    return next((one for one in register.variants if one.key == key), register.variants[0])


def _draft(register: Register, form: Form, variant: Variant | None = None) -> Draft:
    variant = variant or _variant(register, form.text("variant"))
    typed = {field.name: "、".join(form.texts(field.name)) for field in variant.fields}
    return Draft(variant, typed, form.text("section"))


def _version(form: Form) -> int:
    text = form.text("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


async def _form(
    request: web.Request,
    register: Register,
    draft: Draft,
    *,
    entry: RegisterEntry | None = None,
    seen: int | None = None,
    year: int | None = None,
    problem: Problem | None = None,
) -> web.Response:
    person = keys.person_of(request)
    today = clock.today(clock.SHANGHAI)
    year = year_typed(draft.variant, draft.typed) or year or today.year
    async with keys.office_of(request).db.read() as session:
        known = [one.name for one in await sections(session) if sees_section(person, one.id)]
        choices = await choices_for(session, register, year)
        counted = await year_of_register(session, register, year)
    context: dict[str, Any] = {
        "register": register,
        "variant": draft.variant,
        "entry": entry,
        "version": entry.version if entry and seen is None else seen,
        "notes": [*(register.notes(values_of(entry), today) if entry else ()), *counted.told],
        "typed": {field.name: draft.typed.get(field.name, "") for field in draft.variant.fields},
        "section": draft.section,
        "sections": [(name, name) for name in known],
        "choices": choices,
        "year": year,
        "problem": problem,
        "errors": messages(problem),
    }
    return render(
        request, "statistics/registers/form.html", context, status=problem.status if problem else 200
    )
