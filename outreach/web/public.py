"""/p/{public_id}: the public page of an item and its attachments. It knows nobody and sets no cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import office_settings
from outreach.foundation.problems import NotFound, Problem
from outreach.publishing.public_view import (
    NoLongerPublic,
    corrected_by,
    corrections_of,
    public_item,
    snapshot_of,
)
from outreach.web import keys
from outreach.web.public_content import CONTENTS, PICTURES

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}
# A withdrawal has to be seen soon.
_SHORT: Final = "public, max-age=60"


async def show(request: web.Request) -> web.Response:
    """GET /p/{public_id}"""
    async with keys.office_of(request).db.read() as session:
        try:
            item = await public_item(session, request.match_info["public_id"])
        except (NotFound, NoLongerPublic) as problem:
            request.app[CONTENTS].forget(request.match_info["public_id"])
            return await _problem_page(request, session, problem)
        content = await request.app[CONTENTS].of(session, item)
        context = {
            **content,
            "bureau": item.bureau,
            "since": item.since,
            "corrects": await corrected_by(session, content["content"]["corrects"]),
            "corrected_by": await corrections_of(session, item),
        }
    return _page(request, "item.html", context)


async def send_file(request: web.Request) -> web.StreamResponse:
    """GET /p/{public_id}/files/{name}"""
    name = request.match_info["name"]
    async with keys.office_of(request).db.read() as session:
        try:
            item = await public_item(session, request.match_info["public_id"])
            attachment = _attachment(await snapshot_of(session, item), name)
        except (NotFound, NoLongerPublic) as problem:
            return await _problem_page(request, session, problem)
    how = "inline" if attachment["media_type"] in PICTURES else "attachment"
    headers = {
        **_HEADERS,
        "Content-Type": attachment["media_type"],
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": _SHORT,
    }
    return web.FileResponse(keys.office_of(request).media.path(attachment["sha256"]), headers=headers)


def _attachment(snapshot: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The file of that name. Raises NotFound."""
    found: Mapping[str, Any] | None = next(
        (one for one in snapshot["attachments"] if one["name"] == name), None
    )
    if found is None:
        raise NotFound("没有这个附件。请核对网址。")
    return found


def _page(
    request: web.Request, template: str, context: Mapping[str, Any], status: int = 200, cache: str = _SHORT
) -> web.Response:
    source = request.app[keys.TEMPLATES].get_template(f"public/{template}")
    html = source.render({**context, "demo": request.app[keys.DEMO]})
    response = web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
    response.headers.update({**_HEADERS, "Cache-Control": cache})
    return response


async def _problem_page(request: web.Request, session: AsyncSession, problem: Problem) -> web.Response:
    bureau = (await office_settings.load(session)).bureau
    # What isn't there yet may be there a moment later, when the first post is claimed.
    cache = _SHORT if isinstance(problem, NoLongerPublic) else "no-store"
    return _page(request, "problem.html", {"bureau": bureau, "problem": problem}, problem.status, cache)
