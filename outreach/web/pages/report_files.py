"""A report as an answer: a file to be kept, or a page in a frame."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from outreach.items.files import DOCX

_MEDIA: Final = {"docx": DOCX, "html": "text/html; charset=utf-8", "json": "application/json; charset=utf-8"}
_PREVIEW_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


def shown(body: bytes) -> web.Response:
    """The HTML file, to be looked at: nothing in it runs, and nothing is loaded for it."""
    headers = {"Content-Security-Policy": _PREVIEW_POLICY, "Cache-Control": "private, no-store"}
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


def kept(body: bytes, title: str, format_: str) -> web.Response:
    """The file, to be kept under its title."""
    name = quote(f"{title}.{format_}", safe="")
    headers = {
        "Content-Type": _MEDIA[format_],
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=body, headers=headers)
