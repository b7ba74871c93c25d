"""Temporary material: what messages show, kept for three days."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from outreach.sandbox.wechat import materials, uploads
from outreach.sandbox.wechat.calls import Call, File
from outreach.sandbox.wechat.errors import WeChatError

LIFE_S: Final = 3 * 24 * 3600


def upload(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/media/upload?type=: `{"type", "media_id", "created_at"}`; a thumb has its id twice."""
    kind = call.query.get("type", "")
    if kind not in uploads.TEMPORARY:
        raise WeChatError(40004)
    answer = _keep(call, kind, uploads.uploaded(call, uploads.TEMPORARY[kind]))
    return {**answer, "thumb_media_id": answer["media_id"]} if kind == "thumb" else answer


def upload_video(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/media/uploadvideo: a video with its words, for a mass message."""
    row = _find(call, call.text("media_id", 40007))
    if row is None or row["type"] != "video":
        raise WeChatError(40007)
    answer = _keep(call, "video", File(row["content"], row["content_type"], row["name"]))
    title, introduction = (str(call.json.get(name) or "") for name in ("title", "description"))
    materials.describe_video(call, answer["media_id"], title, introduction)
    return answer


def get(call: Call) -> Mapping[str, Any] | File:
    """GET /cgi-bin/media/get?media_id=: the file; of a video the address where it lies."""
    row = _find(call, call.query.get("media_id", ""))
    if row is None:
        raise WeChatError(40007)
    if row["type"] == "video":
        return {"video_url": call.origin + materials.path_of(row["media_id"])}
    return File(row["content"], row["content_type"], row["name"])


def usable(call: Call, media_id: object, *kinds: str) -> str:
    """The media_id, if it is material of one of `kinds`, kept or temporary. Raises WeChatError (40007)."""
    if _kind(call, media_id) not in kinds and not materials.is_permanent(call, media_id, *kinds):
        raise WeChatError(40007)
    return str(media_id)


def _kind(call: Call, media_id: object) -> str | None:
    row = _find(call, media_id, "type") if isinstance(media_id, str) else None
    return row["type"] if row else None


def _find(call: Call, media_id: str, columns: str = "*") -> sqlite3.Row | None:
    return call.store.row(
        f"SELECT {columns} FROM media WHERE media_id = ? AND account = ? AND created_at > ?",  # noqa: S608
        media_id,
        call.appid,
        call.now - LIFE_S,
    )


def _keep(call: Call, kind: str, file: File) -> dict[str, Any]:
    media_id, now = secrets.token_urlsafe(48), call.now
    call.store.run("DELETE FROM media WHERE created_at <= ?", now - LIFE_S)
    call.store.run(
        "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?)",
        media_id,
        call.appid,
        kind,
        file.name,
        file.content_type,
        file.content,
        now,
    )
    return {"type": kind, "media_id": media_id, "created_at": int(now)}
