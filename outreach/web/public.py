"""/p/{public_id}: the public page of an item and its attachments. It knows nobody and sets no cookie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup

from outreach.channels.protocol import Picture
from outreach.foundation import office_settings
from outreach.foundation.problems import NotFound, Problem
from outreach.items.labels import KIND_LABELS, display_rows
from outreach.items.model import Kind
from outreach.publishing.markdown import to_html
from outreach.publishing.public_view import NoLongerPublic, PublicView, public_attachment, public_view
from outreach.publishing.renditions.pictures import picture_hashes, with_picture_urls
from outreach.web import keys

_PICTURES: Final = frozenset({"image/png", "image/jpeg"})
_ALIGNED: Final = re.compile(r'<(t[dh]) style="text-align:\s?(left|center|right);?"')
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
        bureau = (await office_settings.load(session)).bureau
        try:
            view = await public_view(session, request.match_info["public_id"])
        except (NotFound, NoLongerPublic) as problem:
            return _problem_page(request, bureau, problem)
    return _page(request, "item.html", {"bureau": bureau, **_context(view)})


async def send_file(request: web.Request) -> web.StreamResponse:
    """GET /p/{public_id}/files/{name}"""
    public_id, name = request.match_info["public_id"], request.match_info["name"]
    async with keys.office_of(request).db.read() as session:
        bureau = (await office_settings.load(session)).bureau
        try:
            attachment = await public_attachment(session, public_id, name)
        except (NotFound, NoLongerPublic) as problem:
            return _problem_page(request, bureau, problem)
    how = "inline" if attachment["media_type"] in _PICTURES else "attachment"
    headers = {
        **_HEADERS,
        "Content-Type": attachment["media_type"],
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": _SHORT,
    }
    return web.FileResponse(keys.office_of(request).media.path(attachment["sha256"]), headers=headers)


def _context(view: PublicView) -> dict[str, Any]:
    """Everything comes from the revision's snapshot: nothing else may be seen."""
    content, kind = view.content, Kind(view.content["kind"])
    body = to_html(content["body"], _pictures(view))
    in_body = set(picture_hashes(body))
    addresses = {one["sha256"]: _file_address(view, one["name"]) for one in view.attachments}
    return {
        "content": content,
        "kind_label": KIND_LABELS[kind],
        "since": view.since,
        "formed_on": date.fromisoformat(content["formed_on"]),
        "body": Markup(_unstyled(with_picture_urls(body, addresses.__getitem__))),  # noqa: S704 - sanitised
        "field_rows": [] if body else display_rows(kind, content["fields"]),
        "files": [
            {"name": one["name"], "address": _file_address(view, one["name"]), "size": _size(one["size"])}
            for one in view.attachments
            if one["sha256"] not in in_body
        ],
        "corrects": view.corrects,
        "corrected_by": view.corrected_by,
    }


def _page(
    request: web.Request, template: str, context: Mapping[str, Any], status: int = 200, cache: str = _SHORT
) -> web.Response:
    source = request.app[keys.TEMPLATES].get_template(f"public/{template}")
    html = source.render({**context, "demo": request.app[keys.DEMO]})
    response = web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
    response.headers.update({**_HEADERS, "Cache-Control": cache})
    return response


def _problem_page(request: web.Request, bureau: str, problem: Problem) -> web.Response:
    # What isn't there yet may be there a moment later, when the first post is claimed.
    cache = _SHORT if isinstance(problem, NoLongerPublic) else "no-store"
    return _page(request, "problem.html", {"bureau": bureau, "problem": problem}, problem.status, cache)


def _pictures(view: PublicView) -> dict[str, Picture]:
    return {
        one["name"]: Picture(one["sha256"], one["name"], one["media_type"])
        for one in view.attachments
        if one["media_type"] in _PICTURES
    }


def _file_address(view: PublicView, name: str) -> str:
    return f"/p/{view.public_id}/files/{quote(name, safe='')}"


def _unstyled(html: str) -> str:
    """The policy allows no style attributes: a cell's alignment, the only style in a body, becomes a class."""
    return _ALIGNED.sub(r'<\1 class="align-\2"', html)


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
