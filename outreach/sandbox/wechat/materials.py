"""Permanent material with a media_id, and pictures for the inside of articles with a URL alone."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from outreach.sandbox.context import SANDBOX
from outreach.sandbox.reading import NotAnObjectError, address, json_object
from outreach.sandbox.wechat import uploads
from outreach.sandbox.wechat.calls import OK, Call, File
from outreach.sandbox.wechat.errors import WeChatError

_LIBRARY: Final = {
    "image": "permanent_images",
    "voice": "permanent_voices",
    "video": "permanent_videos",
    "thumb": "permanent_thumbs",
}
# What was made as 图文 went to the draft box in 2022: the library lists none any more.
_LISTED: Final = ("image", "voice", "video", "news")


def upload_image(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/media/uploadimg: `{"url"}` for use in articles; not counted in the library."""
    return {"url": _url(call.origin, _keep(call, "inside", uploads.uploaded(call, uploads.INSIDE)))}


def add_material(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/material/add_material?type=: `{"media_id", "url"}`; a video needs its `description`."""
    kind = call.query.get("type", "")
    if kind not in uploads.PERMANENT:
        raise WeChatError(40004)
    if _count(call, kind) >= call.account.limits[_LIBRARY[kind]]:
        raise WeChatError(45001)
    description = _description(call) if kind == "video" else None
    media_id = _keep(call, kind, uploads.uploaded(call, uploads.PERMANENT[kind]))
    if description:
        describe_video(call, media_id, *description)
    pictured = {"url": _url(call.origin, media_id)} if kind in ("image", "thumb") else {}
    return {"media_id": media_id, **pictured, "item": []}


def get_material(call: Call) -> Mapping[str, Any] | File:
    """POST /cgi-bin/material/get_material: the file; of a video its words and where to fetch it."""
    row = _find(call)
    if row["type"] == "video":
        title, introduction = video_words(call, row["media_id"])
        return {
            "title": title,
            "description": introduction,
            "down_url": _url(call.origin, row["media_id"]),
        }
    return File(row["content"], row["content_type"], row["name"])


def get_materialcount(call: Call) -> Mapping[str, Any]:
    """GET /cgi-bin/material/get_materialcount."""
    kinds = ("voice", "video", "image")
    return {**{f"{kind}_count": _count(call, kind) for kind in kinds}, "news_count": 0}


def batchget_material(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/material/batchget_material: newest first, at most 20."""
    kind = call.text("type", 40004)
    if kind not in _LISTED:
        raise WeChatError(40004)
    rows = call.store.rows(
        "SELECT media_id, type, name, created_at FROM material WHERE account = ? AND type = ?"
        " ORDER BY position DESC LIMIT ? OFFSET ?",
        call.appid,
        kind,
        call.number("count", 1, 20),
        call.number("offset", 0, 10**9),
    )
    items = [_listed(call, row) for row in rows]
    return {"total_count": _count(call, kind), "item_count": len(items), "item": items}


def del_material(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/material/del_material: for good. Raises WeChatError (48005) while the menu needs it."""
    row = _find(call)
    if call.store.row(
        "SELECT 1 FROM menu WHERE account = ? AND instr(buttons, ?)", call.appid, row["media_id"]
    ):
        raise WeChatError(48005)
    call.store.run("DELETE FROM material WHERE media_id = ?", row["media_id"])
    return OK


def is_permanent(call: Call, media_id: object, *kinds: str) -> bool:
    """Whether it is permanent material of the caller's account, of one of `kinds`."""
    if not isinstance(media_id, str):
        return False
    row = call.store.row("SELECT type FROM material WHERE media_id = ? AND account = ?", media_id, call.appid)
    return row is not None and row["type"] in kinds


def is_uploaded(call: Call, url: str) -> bool:
    """Whether the URL is one of this host's pictures, so that an article may show it."""
    parts = address(url)
    media_id = _named(parts.path)
    return f"{parts.scheme}://{parts.netloc}" == call.origin and bool(
        call.store.row("SELECT 1 FROM material WHERE media_id = ?", media_id)
    )


async def picture(request: web.Request) -> web.Response:
    """GET /mmbiz/{id}/0: the picture, or the video, itself."""
    media_id = _named(request.path)
    row = request.app[SANDBOX].store.row(
        "SELECT content, content_type FROM material WHERE media_id = ?"
        " UNION ALL SELECT content, content_type FROM media WHERE media_id = ?",
        media_id,
        media_id,
    )
    if row is None:
        raise web.HTTPNotFound
    return web.Response(body=row["content"], content_type=row["content_type"])


def path_of(media_id: str) -> str:
    """Where on this host the picture of that id is shown."""
    return f"/mmbiz/{media_id}/0"


def describe_video(call: Call, media_id: str, title: str, introduction: str) -> None:
    """Keeps the words that are shown with a video."""
    call.store.run("INSERT INTO video VALUES (?, ?, ?)", media_id, title, introduction)


def video_words(call: Call, media_id: str) -> tuple[str, str]:
    """Title and introduction of a video."""
    row = call.store.row("SELECT title, introduction FROM video WHERE media_id = ?", media_id)
    return (row["title"], row["introduction"]) if row else ("", "")


def _description(call: Call) -> tuple[str, str]:
    """Title and introduction out of the form's field `description`; without it the platform says 41005."""
    try:
        values = json_object(call.form["description"].encode())
        title, introduction = values["title"], values["introduction"]
    except (KeyError, NotAnObjectError):
        raise WeChatError(41005) from None
    if not isinstance(title, str) or not isinstance(introduction, str) or not title:
        raise WeChatError(41005)
    return title, introduction


def _named(path: str) -> str:
    """The media_id in a picture's path; empty where the path is none."""
    media_id = path.removeprefix("/mmbiz/").removesuffix("/0")
    return media_id if path == path_of(media_id) else ""


def _url(origin: str, media_id: str) -> str:
    return origin + path_of(media_id)


def _count(call: Call, kind: str) -> int:
    return call.store.number("SELECT count(*) FROM material WHERE account = ? AND type = ?", call.appid, kind)


def _find(call: Call) -> sqlite3.Row:
    row = call.store.row(
        "SELECT * FROM material WHERE media_id = ? AND account = ? AND type != 'inside'",
        call.text("media_id", 40007),
        call.appid,
    )
    if row is None:
        raise WeChatError(40007)
    return row


def _listed(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    shown = {"media_id": row["media_id"], "name": row["name"], "update_time": int(row["created_at"])}
    if row["type"] == "image":
        return {**shown, "url": _url(call.origin, row["media_id"])}
    if row["type"] == "video":
        title, introduction = video_words(call, row["media_id"])
        return {**shown, "name": title, "description": introduction}
    return shown


def _keep(call: Call, kind: str, file: File) -> str:
    media_id = secrets.token_urlsafe(48)
    call.store.run(
        "INSERT INTO material (media_id, account, type, name, content_type, content, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        media_id,
        call.appid,
        kind,
        file.name,
        file.content_type,
        file.content,
        call.now,
    )
    return media_id
