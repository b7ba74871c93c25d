"""/items/import: a file of items comes in through the browser, and its report is read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.web_request import FileField

from outreach.foundation.problems import FieldError, InvalidContent, Problem, TooLarge, invalid
from outreach.items.labels import column_of, field_label
from outreach.items.model import Kind
from outreach.office.import_items import ImportReport, RowOutcome, RowReport, import_items
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render

_WHOLE_ROW: Final = "row"


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong field of a row: what it is called, and what to mend."""

    row: RowReport
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the page tells of an import: the wrong fields, the other rows, and how many came to what."""

    name: str
    stored: bool
    was_trial: bool
    counts: dict[RowOutcome, int]
    faults: list[Fault]
    others: list[RowReport]


async def show(request: web.Request) -> web.Response:
    """GET /items/import"""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    return _page(request, Form({}))


async def take_in(request: web.Request) -> web.Response:
    """POST /items/import: multipart with `file`, `dry_run`, `all_or_nothing`."""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    form = await form_of(request)
    try:
        name, content = await _file(request)
        report = await import_items(
            keys.office_of(request),
            name,
            content,
            by=keys.person_of(request),
            dry_run=form.is_ticked("dry_run"),
            all_or_nothing=form.is_ticked("all_or_nothing"),
        )
    except (InvalidContent, TooLarge) as problem:
        return _page(request, form, problem=problem)
    return _page(request, form, _told(name, report, was_trial=form.is_ticked("dry_run")))


async def _file(request: web.Request) -> tuple[str, bytes]:
    uploaded = (await request.post()).get("file")
    if not isinstance(uploaded, FileField):
        raise invalid("file", "请选择要导入的文件。")
    return uploaded.filename, await asyncio.to_thread(uploaded.file.read)


def _told(name: str, report: ImportReport, *, was_trial: bool) -> Report:
    return Report(
        name=name,
        stored=report.stored,
        was_trial=was_trial,
        counts={outcome: report.count(outcome) for outcome in RowOutcome},
        faults=[Fault(row, _label(error), error.message) for row in report.rows for error in row.errors],
        others=[row for row in report.rows if row.outcome is not RowOutcome.REJECTED],
    )


def _label(error: FieldError) -> str:
    """The label of the field. A report doesn't tell the row's kind: where kinds call a field differently,
    all its labels are told."""
    field = error.field or _WHOLE_ROW
    labels = dict.fromkeys(field_label(kind, field) for kind in Kind)
    return "／".join(label for label in labels if label != column_of(field)) or field_label(None, field)


def _page(
    request: web.Request, form: Form, report: Report | None = None, problem: Problem | None = None
) -> web.Response:
    errors = messages(problem)
    if problem and not errors:
        errors = {"file": problem.detail}
    context = {"form": form, "report": report, "errors": errors}
    return render(request, "items/import.html", context, status=problem.status if problem else 200)
