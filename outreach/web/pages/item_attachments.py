"""/items/{id}/attachments: files given to an item, and fetched from it."""

from __future__ import annotations

import asyncio
from pathlib import PureWindowsPath
from typing import Final
from urllib.parse import quote

from aiohttp import web

from outreach.foundation.problems import NotFound, Problem
from outreach.items.model import Attachment
from outreach.items.queries import get_item
from outreach.office import write_item
from outreach.people.rules import Act, require
from outreach.review.queries import read_item
from outreach.web import keys
from outreach.web.pages.item_form import edit_page
from outreach.web.rendering import see_other

FILES: Final = "files"


async def upload(request: web.Request) -> web.Response:
    """POST /items/{id}/attachments: each file that can be taken is kept; of the others the page says why."""
    require(keys.person_of(request), Act.WRITE_ITEMS)
    async with keys.office_of(request).db.read() as session:
        item = await get_item(session, request.match_info["id"], keys.person_of(request))
        await write_item.require_editable(session, item)
    files = [one for one in (await request.post()).getall(FILES, []) if isinstance(one, web.FileField)]
    errors = [error for one in files if (error := await _take(request, one)) is not None]
    if not files:
        errors.append("请先选择要上传的文件。")
    if errors:
        return await edit_page(request, upload_errors=errors)
    return see_other(f"/items/{item.id}/edit#attachments", notice="files-uploaded")


async def download(request: web.Request) -> web.StreamResponse:
    """GET /items/{id}/attachments/{attachment}: to be saved, never shown by the browser itself."""
    office = keys.office_of(request)
    async with office.db.read() as session:
        item = await read_item(session, request.match_info["id"], keys.person_of(request))
    found = next((one for one in item.attachments if one.id == request.match_info["attachment"]), None)
    if found is None or found.sha256 is None:
        raise NotFound("没有这个附件，或者它还没有上传。")
    return web.FileResponse(office.media.path(found.sha256), headers=_headers(found))


async def _take(request: web.Request, file: web.FileField) -> str | None:
    """Keeps one file; gives what is wrong with it."""
    office = keys.office_of(request)
    name = PureWindowsPath(file.filename).name  # some browsers send the whole path, with / or \
    content = await asyncio.to_thread(file.file.read)
    try:
        await write_item.attach_file(
            office, request.match_info["id"], keys.person_of(request), name=name, content=content
        )
    except Problem as problem:
        return problem.detail if name in problem.detail else f"“{name}”：{problem.detail}"
    return None


def _headers(attachment: Attachment) -> dict[str, str]:
    return {
        "Content-Type": attachment.media_type or "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
