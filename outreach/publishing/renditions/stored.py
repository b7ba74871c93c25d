"""Renditions as JSON, the shape in which a post keeps what it sends."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from outreach.channels.protocol import Article, Picture, Rendition, Status


def to_json(rendition: Rendition) -> dict[str, Any]:
    """The rendition's own fields and its `type`, `article` or `status`."""
    return {"type": type(rendition).__name__.lower(), **asdict(rendition)}


def from_json(stored: dict[str, Any]) -> Rendition:
    """The rendition that `to_json` was given."""
    values = {name: value for name, value in stored.items() if name != "type"}
    if stored["type"] == "article":
        cover = Picture(**values.pop("cover"))
        pictures = tuple(Picture(**picture) for picture in values.pop("pictures"))
        return Article(**values, cover=cover, pictures=pictures)
    picture = values["picture"]
    return Status(text=values["text"], picture=Picture(**picture) if picture else None)
