"""/statistics/requests/import and export.xlsx: requests for information as files."""

from __future__ import annotations

import asyncio
from io import BytesIO

from aiohttp import web

from outreach.foundation import audit
from outreach.foundation.problems import InvalidContent, NotPossible, TooLarge
from outreach.office.import_requests import import_requests
from outreach.people.rules import Act, require
from outreach.statistics.requests.ledger import LEDGER, write_ledger, write_ledger_template
from outreach.statistics.requests.queries import KEY, requests_of_year, steps_of, with_clocks
from outreach.web import keys
from outreach.web.forms import Form, form_of
from outreach.web.pages.information_requests import HERE
from outreach.web.pages.register_import import import_page, uploaded_file
from outreach.web.pages.registers import workbook, year_of


async def show(request: web.Request) -> web.Response:
    """GET /statistics/requests/import"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    return import_page(request, LEDGER, HERE, Form({}))


async def take_in(request: web.Request) -> web.Response:
    """POST /statistics/requests/import: multipart with `file`, `dry_run`, `all_or_nothing`."""
    by = keys.person_of(request)
    require(by, Act.KEEP_FIGURES)
    form = await form_of(request)
    try:
        name, content = await uploaded_file(request)
        report = await import_requests(
            keys.office_of(request),
            name,
            content,
            by=by,
            dry_run=form.is_ticked("dry_run"),
            all_or_nothing=form.is_ticked("all_or_nothing"),
        )
    except (InvalidContent, NotPossible, TooLarge) as problem:
        return import_page(request, LEDGER, HERE, form, problem=problem)
    return import_page(request, LEDGER, HERE, form, name=name, report=report)


async def template(request: web.Request) -> web.Response:
    """GET /statistics/requests/import/template.xlsx"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    target = BytesIO()
    await asyncio.to_thread(write_ledger_template, target)
    return workbook(target.getvalue(), f"{LEDGER.label}导入模板.xlsx")


async def download(request: web.Request) -> web.Response:
    """GET /statistics/requests/export.xlsx?year=: those that are counted in the year, with what applicants wrote."""
    office, person, year = keys.office_of(request), keys.person_of(request), year_of(request)
    require(person, Act.KEEP_FIGURES)
    async with office.db.snapshot() as session:
        found = list(reversed(await requests_of_year(session, year)))
        timed = await with_clocks(session, found)
        steps = await steps_of(session, [one.id for one in found])
    async with office.db.begin() as session:
        await audit.record(session, person, "request.export", "register", KEY, year=year, count=len(found))
    target = BytesIO()
    await asyncio.to_thread(write_ledger, target, office.sealer, timed, steps)
    return workbook(target.getvalue(), f"{LEDGER.label}-{year}.xlsx")
