"""Images: permanent material with a media_id, and pictures for the inside of articles with a URL alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

import filetype
from aiohttp import web

from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.reading import address
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.errors import WeChatError

_MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a kind of upload may be: file extensions, bytes, and the code for too many of them."""

    extensions: frozenset[str]
    bytes_max: int
    too_large: int


_UPLOADIMG: Final = _Rule(frozenset({"jpg", "jpeg", "png"}), _MB - 1, 40009)
# Voice and video are not imitated: nothing of a bureau's disclosures needs them.
_MATERIAL: Final = {
    "image": _Rule(frozenset({"bmp", "png", "jpg", "jpeg", "gif"}), 10 * _MB, 40009),
    "thumb": _Rule(frozenset({"jpg", "jpeg"}), 64 * 1024, 40012),
}
_LIBRARY: Final = {"image": "permanent_images", "thumb": "permanent_thumbs"}


def upload_image(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/media/uploadimg: `{"url"}` for use in articles; not counted in the library."""
    return {"url": _url(call.origin, _keep(call, "inside", _UPLOADIMG))}


def add_material(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/material/add_material?type=image|thumb: `{"media_id", "url"}`."""
    kind = call.query.get("type", "")
    if kind not in _MATERIAL:
        raise WeChatError(40004)
    held = call.sandbox.store.number(
        "SELECT count(*) FROM material WHERE account = ? AND type = ?", call.account.appid, kind
    )
    if held >= call.account.limits[_LIBRARY[kind]]:
        raise WeChatError(45001)
    media_id = _keep(call, kind, _MATERIAL[kind])
    return {"media_id": media_id, "url": _url(call.origin, media_id), "item": []}


def is_permanent(call: Call, media_id: object) -> bool:
    """Whether it is a permanent image or thumb of the caller's account."""
    return isinstance(media_id, str) and bool(
        call.sandbox.store.row(
            "SELECT 1 FROM material WHERE media_id = ? AND account = ? AND type != 'inside'",
            media_id,
            call.account.appid,
        )
    )


def is_uploaded(call: Call, url: str) -> bool:
    """Whether the URL is one of this host's pictures, so that an article may show it."""
    parts = address(url)
    return f"{parts.scheme}://{parts.netloc}" == call.origin and _named(call.sandbox, parts.path) is not None


async def picture(request: web.Request) -> web.Response:
    """GET /mmbiz/{id}/0: the picture itself."""
    row = _named(request.app[SANDBOX], request.path)
    if row is None:
        raise web.HTTPNotFound
    return web.Response(body=row["content"], content_type=row["content_type"])


def path_of(media_id: str) -> str:
    """Where on this host the picture of that id is shown."""
    return f"/mmbiz/{media_id}/0"


def _named(sandbox: Sandbox, path: str) -> Any:
    media_id = path.removeprefix("/mmbiz/").removesuffix("/0")
    if path != path_of(media_id):
        return None
    return sandbox.store.row("SELECT content, content_type FROM material WHERE media_id = ?", media_id)


def _url(origin: str, media_id: str) -> str:
    return origin + path_of(media_id)


def _keep(call: Call, kind: str, rule: _Rule) -> str:
    part = call.files.get("media")
    if part is None:
        raise WeChatError(41005)
    content = part.file.read()
    if not content:
        raise WeChatError(44001)
    found = filetype.guess(content)
    named = PurePath(part.filename).suffix.lower().lstrip(".")
    if found is None or found.extension not in rule.extensions or named not in rule.extensions:
        raise WeChatError(40005)
    if len(content) > rule.bytes_max:
        raise WeChatError(rule.too_large)
    media_id = secrets.token_urlsafe(48)
    call.sandbox.store.run(
        "INSERT INTO material (media_id, account, type, name, content_type, content, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        media_id,
        call.account.appid,
        kind,
        part.filename,
        found.mime,
        content,
        call.sandbox.clock(),
    )
    return media_id
