"""A bulletin as files: the Word file that was signed, a page of the same words with the picture from it, and JSON."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from typing import Final

import jinja2

from outreach.foundation.media import MediaStore
from outreach.foundation.templates import templates_folder
from outreach.statistics.report.monthly import Bulletin

_PICTURE: Final = "word/media/image1.png"
"""Where the only picture of a bulletin lies in its Word file."""


async def bulletin_file(media: MediaStore, bulletin: Bulletin, format_: str) -> bytes:
    """The bulletin as `docx`, `html` or `json`. Raises FileNotFoundError where the media store has lost it."""
    if format_ == "json":
        return (json.dumps(bulletin.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n").encode()
    word = await media.read(bulletin.file.sha256)
    return word if format_ == "docx" else await asyncio.to_thread(_html, bulletin, word)


def _html(bulletin: Bulletin, word: bytes) -> bytes:
    template = _environment().get_template("reports/monthly.html")
    return template.render(blocks=bulletin.blocks, picture=_picture(word)).encode()


def _picture(word: bytes) -> str:
    """The picture in base64; empty where the file has none."""
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        if _PICTURE not in package.namelist():
            return ""
        return base64.b64encode(package.read(_PICTURE)).decode()


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
