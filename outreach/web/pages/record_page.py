"""/items/{id}/records/{revision}: the 审查表 of a revision, to print, and as a Word file."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

from aiohttp import web

from outreach.foundation.problems import NotFound
from outreach.office.review_sheet import ReviewSheet, sheets_of
from outreach.office.sheet_document import SheetPrinter
from outreach.review.queries import get_record
from outreach.web import keys
from outreach.web.rendering import render

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MOST_DIGITS: Final = 6


async def show(request: web.Request) -> web.Response:
    """GET /items/{id}/records/{revision}"""
    context = {"sheet": await _sheet(request), "item_id": request.match_info["id"]}
    return render(request, "records/record.html", context)


async def download(request: web.Request) -> web.Response:
    """GET /items/{id}/records/{revision}.docx"""
    sheet = await _sheet(request)
    printer = SheetPrinter(keys.office_of(request).settings.home)
    content = await asyncio.to_thread(printer.docx, sheet)
    name = quote(f"{sheet.number} {sheet.title}.docx", safe="")
    headers = {
        "Content-Type": _DOCX,
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=content, headers=headers)


async def _sheet(request: web.Request) -> ReviewSheet:
    revision = request.match_info["revision"]
    if len(revision) > _MOST_DIGITS:
        raise NotFound("没有这份审查表。")
    async with keys.office_of(request).db.snapshot() as session:
        person = keys.person_of(request)
        record = await get_record(session, request.match_info["id"], int(revision), person)
        return (await sheets_of(session, [record]))[0]
