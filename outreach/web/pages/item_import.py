"""/items/import: a file of items comes in through the browser, and its report is read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web
from aiohttp.web_request import FileField

from outreach.foundation.problems import FieldError, InvalidContent, Problem, TooLarge, invalid
from outreach.items.labels import column_of, field_label
from outreach.items.model import Kind
from outreach.office.import_items import BATCH, ImportReport, Progress, RowOutcome, RowReport, import_items
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.growing_page import GrowingPage
from outreach.web.rendering import fragment, render

_WHOLE_ROW: Final = "row"
_SHOWN: Final = 200
_MORE: Final = "<!-- more -->"
"""Stands twice in the page while it grows: where the steps go, and where the report goes."""

_log = structlog.get_logger("outreach.web")


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong field of a row: what it is called, and what to mend."""

    row: RowReport
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the page tells of an import: the wrong fields and the other rows, of both the first so many and how many
    more there are, and how many rows came to what."""

    name: str
    stored: bool
    was_trial: bool
    counts: dict[RowOutcome, int]
    faults: list[Fault]
    more_faults: int
    others: list[RowReport]
    more_others: int
    has_sheets: bool


async def show(request: web.Request) -> web.Response:
    """GET /items/import"""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    return _page(request, Form({}))


async def take_in(request: web.Request) -> web.StreamResponse:
    """POST /items/import: multipart with `file`, `dry_run`, `all_or_nothing`. The page grows while the rows go
    through; who leaves it stops the import, and what was imported until then stays."""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    form = await form_of(request)
    beginning, between, rest = (_page(request, form, grows=True).text or "").split(_MORE)
    async with GrowingPage(request) as page:

        async def tell(done: int, total: int) -> None:
            step = {"done": done, "total": total, "is_trial": form.is_ticked("dry_run")}
            shown = fragment(request, "items/_import_step.html", step) if total > BATCH else ""
            await page.add(shown if done else beginning + shown)

        try:
            name, report = await _import(request, form, tell)
        except (InvalidContent, TooLarge) as problem:
            return _page(request, form, problem=problem)
        except ConnectionResetError:
            _log.info("import stopped by its reader")
            return page.response
        told = _told(name, report, was_trial=form.is_ticked("dry_run"))
        return await page.end(between + fragment(request, "items/_import_end.html", {"report": told}) + rest)


async def _import(request: web.Request, form: Form, tell: Progress) -> tuple[str, ImportReport]:
    name, content = await _file(request)
    report = await import_items(
        keys.office_of(request),
        name,
        content,
        by=keys.person_of(request),
        dry_run=form.is_ticked("dry_run"),
        all_or_nothing=form.is_ticked("all_or_nothing"),
        progress=tell,
    )
    return name, report


async def _file(request: web.Request) -> tuple[str, bytes]:
    uploaded = (await request.post()).get("file")
    if not isinstance(uploaded, FileField):
        raise invalid("file", "请选择要导入的文件。")
    with uploaded.file:
        return uploaded.filename, await asyncio.to_thread(uploaded.file.read)


def _told(name: str, report: ImportReport, *, was_trial: bool) -> Report:
    faults = [Fault(row, _label(error), error.message) for row in report.rows for error in row.errors]
    others = [row for row in report.rows if row.outcome is not RowOutcome.REJECTED]
    return Report(
        name=name,
        stored=report.stored,
        was_trial=was_trial,
        counts={outcome: report.count(outcome) for outcome in RowOutcome},
        faults=faults[:_SHOWN],
        more_faults=max(0, len(faults) - _SHOWN),
        others=others[:_SHOWN],
        more_others=max(0, len(others) - _SHOWN),
        has_sheets=any(row.sheet for row in report.rows),
    )


def _label(error: FieldError) -> str:
    """The label of the field. A report doesn't tell the row's kind: where kinds call a field differently,
    all its labels are told."""
    field = error.field or _WHOLE_ROW
    labels = dict.fromkeys(field_label(kind, field) for kind in Kind)
    return "／".join(label for label in labels if label != column_of(field)) or field_label(None, field)


def _page(
    request: web.Request, form: Form, *, grows: bool = False, problem: Problem | None = None
) -> web.Response:
    errors = messages(problem)
    if problem and not errors:
        errors = {"file": problem.detail}
    context = {"form": form, "grows": grows, "errors": errors}
    return render(request, "items/import.html", context, status=problem.status if problem else 200)
