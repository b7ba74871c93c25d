"""What an uploaded file may be: its type by name and by content, its size, and how long a voice lasts."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import filetype
from tinytag import TinyTag, TinyTagException

from outreach.sandbox.wechat.calls import Call, File
from outreach.sandbox.wechat.errors import WeChatError

_MB: Final = 1024 * 1024
VOICE_S: Final = 60
# A Windows Media sound and a video of that kind begin alike (ASF); only its name tells a sound.
_ASF: Final = "wmv"
_WMA: Final = "audio/x-ms-wma"
_AMR_HEADER: Final = b"#!AMR\n"
_AMR_FRAME_BYTES: Final = (13, 14, 16, 18, 20, 21, 27, 32, 6)  # by frame type (RFC 4867); 20 ms each


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of upload may be: file extensions, bytes, and the code for too many of them."""

    extensions: frozenset[str]
    bytes_max: int
    too_large: int


INSIDE: Final = Rule(frozenset({"jpg", "jpeg", "png"}), _MB - 1, 40009)
PERMANENT: Final[Mapping[str, Rule]] = {
    "image": Rule(frozenset({"bmp", "png", "jpg", "jpeg", "gif"}), 10 * _MB, 40009),
    "voice": Rule(frozenset({"mp3", "wma", "wav", "amr"}), 2 * _MB, 40010),
    "video": Rule(frozenset({"mp4"}), 10 * _MB, 40011),
    "thumb": Rule(frozenset({"jpg", "jpeg"}), 64 * 1024, 40012),
}
TEMPORARY: Final[Mapping[str, Rule]] = {
    **PERMANENT,
    "image": Rule(frozenset({"png", "jpg", "jpeg", "gif"}), 10 * _MB, 40009),
    "voice": Rule(frozenset({"amr", "mp3"}), 2 * _MB, 40010),
}


def uploaded(call: Call, rule: Rule) -> File:
    """The file of the part `media`. Raises WeChatError for none, an empty, a wrong or a too large one."""
    part = call.files.get("media")
    if part is None:
        raise WeChatError(41005)
    content = part.file.read()
    if not content:
        raise WeChatError(44001)
    found, mime = _type(content)
    named = PurePath(part.filename).suffix.lower().lstrip(".")
    if found not in rule.extensions or named not in rule.extensions:
        raise WeChatError(40005)
    if len(content) > rule.bytes_max:
        raise WeChatError(rule.too_large)
    if mime.startswith("audio/") and _seconds(content, part.filename) > VOICE_S:
        raise WeChatError(45007)
    return File(content, mime, part.filename)


def _type(content: bytes) -> tuple[str, str]:
    """Extension and MIME type that the content speaks of; empty where it is unknown."""
    found = filetype.guess(content)
    if found is None:
        return "", ""
    return ("wma", _WMA) if found.extension == _ASF else (found.extension, found.mime)


def _seconds(content: bytes, name: str) -> float:
    if content.startswith(_AMR_HEADER):
        return _amr_seconds(content)
    try:
        return TinyTag.get(name, file_obj=io.BytesIO(content), tags=False).duration or 0.0
    except TinyTagException:
        raise WeChatError(40005) from None


def _amr_seconds(content: bytes) -> float:
    at, frames = len(_AMR_HEADER), 0
    while at < len(content):
        kind = content[at] >> 3 & 0x0F
        at += _AMR_FRAME_BYTES[kind] if kind < len(_AMR_FRAME_BYTES) else 1
        frames += 1
    return frames * 0.02
