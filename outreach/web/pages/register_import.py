"""/statistics/registers/{register}/import: a file of entries comes in, and its report is read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from aiohttp import web
from aiohttp.web_request import FileField

from outreach.foundation.problems import InvalidContent, NotPossible, Problem, TooLarge, invalid
from outreach.office.import_register import ImportReport, RowOutcome, RowReport, import_register
from outreach.people.rules import Act, require
from outreach.statistics.registers.book import write_template
from outreach.statistics.registers.importing import label_of
from outreach.statistics.registers.shape import Register
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.registers import HERE, choices_for, register_of, workbook, year_of
from outreach.web.rendering import render

_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong field of a row: what it is called, and what to mend."""

    report: RowReport
    label: str
    message: str


async def show(request: web.Request) -> web.Response:
    """GET /statistics/registers/{register}/import"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    register = register_of(request)
    return import_page(request, register, f"{HERE}/{register.key}", Form({}))


async def take_in(request: web.Request) -> web.Response:
    """POST /statistics/registers/{register}/import: multipart with `file`, `dry_run`, `all_or_nothing`."""
    by = keys.person_of(request)
    require(by, Act.KEEP_FIGURES)
    register, form = register_of(request), await form_of(request)
    here = f"{HERE}/{register.key}"
    try:
        name, content = await uploaded_file(request)
        report = await import_register(
            keys.office_of(request),
            register,
            name,
            content,
            by=by,
            dry_run=form.is_ticked("dry_run"),
            all_or_nothing=form.is_ticked("all_or_nothing"),
        )
    except (InvalidContent, NotPossible, TooLarge) as problem:
        return import_page(request, register, here, form, problem=problem)
    return import_page(request, register, here, form, name=name, report=report)


async def template(request: web.Request) -> web.Response:
    """GET /statistics/registers/{register}/import/template.xlsx"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    register = register_of(request)
    async with keys.office_of(request).db.read() as session:
        choices = await choices_for(session, register, year_of(request))
    target = BytesIO()
    await asyncio.to_thread(write_template, target, register, choices)
    return workbook(target.getvalue(), f"{register.label}导入模板.xlsx")


async def uploaded_file(request: web.Request) -> tuple[str, bytes]:
    """The name and the content of the field `file`. Raises InvalidContent where none was chosen."""
    uploaded = (await request.post()).get("file")
    if not isinstance(uploaded, FileField):
        raise invalid("file", "请选择要导入的文件。")
    with uploaded.file:
        return uploaded.filename, await asyncio.to_thread(uploaded.file.read)


def import_page(
    request: web.Request,
    register: Register,
    here: str,
    form: Form,
    *,
    name: str = "",
    report: ImportReport | None = None,
    problem: Problem | None = None,
) -> web.Response:
    """The page on which a file of the register at the address `here` is chosen and its report is read."""
    errors = messages(problem)
    if problem and not errors:
        errors = {"file": problem.detail}
    rows = report.rows if report else ()
    faults = [Fault(row, label_of(register, one.field), one.message) for row in rows for one in row.errors]
    others = [row for row in rows if row.outcome is not RowOutcome.REJECTED]
    context = {
        "register": register,
        "here": here,
        "form": form,
        "name": name,
        "report": report,
        "counts": {outcome: report.count(outcome) for outcome in RowOutcome} if report else {},
        "faults": faults[:_SHOWN],
        "more_faults": max(0, len(faults) - _SHOWN),
        "others": others[:_SHOWN],
        "more_others": max(0, len(others) - _SHOWN),
        "errors": errors,
    }
    return render(
        request, "statistics/registers/import.html", context, status=problem.status if problem else 200
    )
