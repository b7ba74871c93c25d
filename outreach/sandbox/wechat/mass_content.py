"""What a mass message or its preview says, and that the account may say it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from outreach.sandbox.wechat import drafts, media
from outreach.sandbox.wechat.calls import Call
from outreach.sandbox.wechat.errors import WeChatError


@dataclass(frozen=True, slots=True)
class Content:
    """The kind, what was said, and of articles the draft that they stand in."""

    msgtype: str
    said: Mapping[str, Any]
    draft: sqlite3.Row | None = None


def read(call: Call) -> Content:
    """The content in the call's body. Raises WeChatError: 40008 for its kind, 40007 for strange material."""
    msgtype = call.text("msgtype", 40008)
    if msgtype not in _KINDS:
        raise WeChatError(40008)
    return _KINDS[msgtype](call)


def _branch(call: Call, name: str) -> Mapping[str, Any]:
    branch = call.json.get(name)
    return branch if isinstance(branch, dict) else {}


def _articles(call: Call) -> Content:
    said = _branch(call, "mpnews")
    return Content("mpnews", said, drafts.find(call, said.get("media_id")))


def _text(call: Call) -> Content:
    said = _branch(call, "text")
    if not isinstance(said.get("content"), str) or not said["content"]:
        raise WeChatError(44004)
    return Content("text", said)


def _voice(call: Call) -> Content:
    said = _branch(call, "voice")
    media.usable(call, said.get("media_id"), "voice")
    return Content("voice", said)


def _images(call: Call) -> Content:
    """`images` with `media_ids`; previews, and pages before 2020, have one `image` with its `media_id`."""
    said = _branch(call, "images")
    ids = said.get("media_ids") if said else [_branch(call, "image").get("media_id")]
    if not isinstance(ids, list) or not ids:
        raise WeChatError(40007)
    return Content("image", {**said, "media_ids": [media.usable(call, each, "image") for each in ids]})


def _video(call: Call) -> Content:
    said = _branch(call, "mpvideo")
    media.usable(call, said.get("media_id"), "video")
    return Content("mpvideo", said)


def _card(_: Call) -> Content:
    """Cards are not imitated: the account has no right to send them."""
    raise WeChatError(48008)


_KINDS: Final[Mapping[str, Callable[[Call], Content]]] = {
    "mpnews": _articles,
    "text": _text,
    "voice": _voice,
    "image": _images,
    "mpvideo": _video,
    "wxcard": _card,
}
