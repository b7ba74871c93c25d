"""/statistics/registers: what others count, register by register."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web

from outreach.foundation import audit, clock
from outreach.foundation.problems import InvalidContent, NotFound, Problem
from outreach.items.files import XLSX
from outreach.people.queries import sections
from outreach.people.rules import Act, may, sees_section
from outreach.statistics.registers import completeness, service
from outreach.statistics.registers.book import write_register
from outreach.statistics.registers.fields import FieldType, plain_number, shown_value
from outreach.statistics.registers.queries import (
    EntryFilter,
    all_entries,
    choices_by_year,
    count_by_variant,
    get_register,
    grouped,
    list_entries,
    values_of,
    year_of_register,
    year_of_registers,
)
from outreach.statistics.registers.rules import choices_of
from outreach.statistics.registers.shape import Register
from outreach.statistics.registers.specs import REGISTERS
from outreach.statistics.requests.queries import KEY, table_of_year
from outreach.statistics.requests.table_three import TOTAL
from outreach.web import keys
from outreach.web.forms import form_of, messages
from outreach.web.pages.items_list import typed
from outreach.web.rendering import render, see_other

ROWS: Final = 50
HERE: Final = "/statistics/registers"


async def show_all(request: web.Request) -> web.Response:
    """GET /statistics/registers?year="""
    year = year_of(request)
    async with keys.office_of(request).db.read() as session:
        counted = await year_of_registers(session, REGISTERS.values(), year)
        requests = await table_of_year(session, year)
        requests_complete = await completeness.complete_year(session, KEY, year)
    context = {
        "year": year,
        "registers": [(register, counted[register.key]) for register in REGISTERS.values()],
        "requests": {row: cells[TOTAL] for row, cells in requests.items()},
        "requests_complete": requests_complete,
        "number": plain_number,
        "is_past": year < clock.today(clock.SHANGHAI).year,
    }
    return render(request, "statistics/registers/index.html", context)


async def show(request: web.Request) -> web.Response:
    """GET /statistics/registers/{register}?year=&section=&variant=&before="""
    return await _page(request, register_of(request))


async def complete(request: web.Request) -> web.Response:
    """POST /statistics/registers/{register}/complete: `year`"""
    register, year = register_of(request), year_in((await form_of(request)).text("year"))
    async with keys.office_of(request).db.begin() as session:
        await completeness.mark_complete(session, register.key, year, keys.person_of(request))
    return see_other(f"{HERE}/{register.key}?year={year}", notice="register-complete")


async def reopen(request: web.Request) -> web.Response:
    """POST /statistics/registers/{register}/reopen: `year`"""
    register, year = register_of(request), year_in((await form_of(request)).text("year"))
    async with keys.office_of(request).db.begin() as session:
        await completeness.reopen(session, register.key, year, keys.person_of(request))
    return see_other(f"{HERE}/{register.key}?year={year}", notice="register-reopened")


async def set_choices(request: web.Request) -> web.Response:
    """POST /statistics/registers/{register}/choices/{field}: `year`, `choices`"""
    register, field = register_of(request), request.match_info["field"]
    if field not in {one.name for one in register.fields().values() if one.by_year}:
        raise NotFound("这一栏的选项不能设定。")
    form = await form_of(request)
    year = year_in(form.text("year"))
    try:
        async with keys.office_of(request).db.begin() as session:
            by = keys.person_of(request)
            await service.set_choices(session, register, field, year, by, form.text("choices"))
    except InvalidContent as problem:
        return await _page(request, register, problem=problem, typed_choices=form.text("choices"), year=year)
    return see_other(f"{HERE}/{register.key}?year={year}", notice="saved")


async def download(request: web.Request) -> web.Response:
    """GET /statistics/registers/{register}/export.xlsx?year=&section=: the entries of all variants."""
    register, person = register_of(request), keys.person_of(request)
    async with keys.office_of(request).db.snapshot() as session:
        known = await _sections(session, person)
        narrow = replace(_narrow(request, register, known), variant=None)
        entries = await all_entries(session, register, person, narrow)
        counted = await year_of_register(session, register, narrow.year)
        choices = await choices_for(session, register, narrow.year)
    async with keys.office_of(request).db.begin() as session:
        count = len(entries)
        await audit.record(session, person, "register.export", "register", register.key, count=count)
    target = BytesIO()
    await asyncio.to_thread(write_register, target, register, entries, counted.figures, choices)
    return workbook(target.getvalue(), f"{register.label}-{narrow.year}.xlsx")


def register_of(request: web.Request) -> Register:
    """The register that the address names. Raises NotFound."""
    return get_register(request.match_info["register"])


def year_of(request: web.Request) -> int:
    """The year that the address asks for, else the present one."""
    return year_in(request.query.get("year", ""))


def year_in(text: str) -> int:
    """The year that was typed; the present one where it is none."""
    is_year = text.isascii() and text.isdigit() and len(text) == 4 and int(text) in clock.YEARS
    return int(text) if is_year else clock.today(clock.SHANGHAI).year


async def choices_for(session: Any, register: Register, year: int) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What may be chosen in each field in that year."""
    by_year = await choices_by_year(session, register, [year])
    return {name: choices_of(field, year, by_year) for name, field in register.fields().items()}


def workbook(content: bytes, name: str) -> web.Response:
    """A workbook as a download of that name."""
    headers = {
        "Content-Type": XLSX,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=content, headers=headers)


async def _page(
    request: web.Request,
    register: Register,
    *,
    problem: Problem | None = None,
    typed_choices: str | None = None,
    year: int | None = None,
) -> web.Response:
    person, before = keys.person_of(request), _before(request)
    async with keys.office_of(request).db.read() as session:
        known = await _sections(session, person)
        narrow = _narrow(request, register, known, year)
        by_variant = await count_by_variant(session, register, person, replace(narrow, variant=None))
        groups = await grouped(session, register, person, replace(narrow, variant=None))
        narrow = replace(narrow, variant=narrow.variant or max(by_variant, key=lambda key: by_variant[key]))
        rows, following = await list_entries(session, register, person, narrow, limit=ROWS, before=before)
        counted = await year_of_register(session, register, narrow.year)
        choices = await choices_for(session, register, narrow.year)
    shown = register.variant(narrow.variant or register.variants[0].key)
    names = {section_id: name for name, section_id in known.items()}
    chosen = {
        "year": str(narrow.year),
        "section": names.get(narrow.section_id or "", ""),
        "variant": shown.key,
    }
    today = clock.today(clock.SHANGHAI)
    context = {
        "register": register,
        "number": plain_number,
        "year": narrow.year,
        "counted": counted,
        "groups": {name: _labelled(register, name, counts) for name, counts in groups.items()},
        "variant": shown,
        "by_variant": [(one, by_variant[one.key]) for one in register.variants],
        "columns": [field for field in shown.fields if not field.wide],
        "rows": [
            (entry, section, _cells(register, entry), register.notes(values_of(entry), today))
            for entry, section in rows
        ],
        "chosen": chosen,
        "is_narrowed": bool(narrow.section_id),
        "sections": list(known),
        "listed": {
            name: "、".join(label for _, label in choices[name])
            for name, field in register.fields().items()
            if field.by_year
        },
        "typed_choices": typed_choices,
        "fields": register.fields(),
        "is_part": person.section_ids is not None,
        "is_first": before is None,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "before": f"{following[0]}_{following[1]}"}) if following else "",
        "may_keep": may(person, Act.KEEP_FIGURES),
        "may_complete": may(person, Act.KEEP_FIGURES)
        and person.section_ids is None
        and narrow.year <= today.year,
        "problem": problem,
        "errors": messages(problem),
    }
    return render(
        request, "statistics/registers/list.html", context, status=problem.status if problem else 200
    )


def _narrow(
    request: web.Request, register: Register, known: Mapping[str, str], year: int | None = None
) -> EntryFilter:
    variant = request.query.get("variant", "")
    return EntryFilter(
        year=year or year_of(request),
        section_id=known.get(typed(request, "section") or ""),
        variant=variant if variant in {one.key for one in register.variants} else None,
    )


async def _sections(session: Any, person: Any) -> dict[str, str]:
    return {one.name: one.id for one in await sections(session) if sees_section(person, one.id)}


def _cells(register: Register, entry: Any) -> dict[str, str]:
    fields = register.variant(entry.variant).fields
    return {field.name: shown_value(field, entry.data.get(field.name)) for field in fields}


def _labelled(register: Register, name: str, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    field = register.fields()[name]
    labels = dict(field.choices) if field.type in (FieldType.CHOICE, FieldType.SEVERAL) else {}
    return [(labels.get(value, value), number) for value, number in counts.items()]


def _before(request: web.Request) -> tuple[date, str] | None:
    day, _, entry_id = request.query.get("before", "").partition("_")
    try:
        return (date.fromisoformat(day), entry_id) if entry_id.isalnum() else None
    except ValueError:
        return None
