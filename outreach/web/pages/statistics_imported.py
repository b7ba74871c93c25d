"""/statistics/imported: figures of before the start, typed or brought in a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.web_request import FileField

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.problems import InvalidContent, Problem, TooLarge, invalid
from outreach.items.files import XLSX
from outreach.items.labels import KIND_LABELS, ORIGIN_LABELS
from outreach.items.model import Origin
from outreach.people.model import Person
from outreach.people.rules import Act, may, require
from outreach.statistics.imported_table import COLUMNS, FigureRow, read_figures, read_row, write_template
from outreach.statistics.queries.imported_list import imported_figures
from outreach.statistics.rules import period_label
from outreach.statistics.service import import_figures, remove_figure
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.statistics_downloads import file
from outreach.web.rendering import render, see_other

_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong cell: where it stands, its column, and what to mend."""

    place: str
    label: str
    message: str


async def show(request: web.Request) -> web.Response:
    """GET /statistics/imported"""
    return await _page(request, Form({}))


async def template(request: web.Request) -> web.Response:
    """GET /statistics/imported/template.xlsx"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    return file(await asyncio.to_thread(write_template), XLSX, "历史数字导入模板.xlsx")


async def enter(request: web.Request) -> web.Response:
    """POST /statistics/imported: `period`, `channel`, `kind`, `original`, `repost`, `source`."""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    form = await form_of(request)
    row = read_row({name: form.text(name) for name in COLUMNS})
    if row.errors:
        problem = InvalidContent("有内容需要修改，请看各栏下的说明。", errors=row.errors)
        return await _page(request, form, problem)
    await _keep(request, [row])
    return see_other("/statistics/imported", notice="figures-imported")


async def take_in(request: web.Request) -> web.Response:
    """POST /statistics/imported/file: multipart with `file`. Where a row is wrong nothing is kept."""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    form = await form_of(request)
    try:
        name, content = await _file(request)
        rows = await asyncio.to_thread(read_figures, name, content)
    except (InvalidContent, TooLarge) as problem:
        errors = messages(problem) or {"file": problem.detail}
        return await _page(request, form, invalid("file", errors["file"]))
    faults = [_fault(row, error.field, error.message) for row in rows for error in row.errors]
    if faults:
        told = f"文件里有 {len(faults)} 处需要修改，没有保存。请改好后重新导入整个文件。"
        return await _page(request, form, invalid("file", told), faults)
    await _keep(request, rows)
    return see_other("/statistics/imported", notice="figures-imported")


async def remove(request: web.Request) -> web.Response:
    """POST /statistics/imported/remove: `period`, `channel`, `kind`, `origin`."""
    person = keys.person_of(request)
    require(person, Act.KEEP_FIGURES)
    form = await form_of(request)
    if form.text("origin") not in set(Origin):
        raise invalid("origin", "请从列表中选择要删去的一项。")
    async with keys.office_of(request).db.begin() as session:
        key = (form.text("period"), form.text("channel"), form.text("kind"), Origin(form.text("origin")))
        await remove_figure(session, person, *key)
    return see_other("/statistics/imported", notice="figure-removed")


async def _keep(request: web.Request, rows: Sequence[FigureRow]) -> None:
    """All rows in one transaction, those of one source together."""
    by = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        for source in dict.fromkeys(row.source for row in rows):
            figures = [one for row in rows if row.source == source for one in row.figures]
            await import_figures(session, by, figures, source)


async def _file(request: web.Request) -> tuple[str, bytes]:
    uploaded = (await request.post()).get("file")
    if not isinstance(uploaded, FileField):
        raise invalid("file", "请选择要导入的文件。")
    with uploaded.file:
        return uploaded.filename, await asyncio.to_thread(uploaded.file.read)


def _fault(row: FigureRow, field: str, message: str) -> Fault:
    sheet = f"工作表“{row.sheet}”" if row.sheet else ""
    return Fault(f"{sheet}第 {row.number} 行", COLUMNS.get(field, "整行"), message)


def _reads_all(person: Person) -> bool:
    return person.section_ids is None


async def _page(
    request: web.Request, form: Form, problem: Problem | None = None, faults: Sequence[Fault] = ()
) -> web.Response:
    reader = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        rows, told = await imported_figures(session) if _reads_all(reader) else ((), [])
    context = {
        "form": form,
        "rows": rows,
        "differences": told,
        "faults": faults[:_SHOWN],
        "more_faults": max(0, len(faults) - _SHOWN),
        "errors": messages(problem),
        "reads_all": _reads_all(reader),
        "may_import": may(reader, Act.KEEP_FIGURES),
        "COLUMNS": COLUMNS,
        "period_label": period_label,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "KIND_LABELS": KIND_LABELS,
        "ORIGIN_LABELS": ORIGIN_LABELS,
    }
    return render(request, "statistics/imported.html", context, status=problem.status if problem else 200)
