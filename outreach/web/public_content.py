"""What a public page shows of its revision, made from the revision's snapshot alone."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import Picture
from outreach.items.labels import KIND_LABELS, display_rows
from outreach.items.model import Kind
from outreach.publishing.markdown import to_html
from outreach.publishing.public_view import PublicItem, snapshot_of
from outreach.publishing.renditions.pictures import picture_hashes, with_picture_urls

PICTURES: Final = frozenset({"image/png", "image/jpeg"})
_ALIGNED: Final = re.compile(r'<(t[dh]) style="text-align:\s?(left|center|right);?"')
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class PublicContents:
    """The contents that were shown lately. What a snapshot becomes never changes, so that each is kept under
    the hash of its snapshot; whether it may be shown is asked anew for each request."""

    _kept: OrderedDict[tuple[str, str], Mapping[str, Any]] = field(default_factory=OrderedDict)

    async def of(self, session: AsyncSession, item: PublicItem) -> Mapping[str, Any]:
        """The content of the revision that goes out, for the template."""
        key = (item.public_id, item.content_hash)
        content = self._kept.get(key)
        if content is None:
            content = self._kept[key] = _content(item.public_id, await snapshot_of(session, item))
        self._kept.move_to_end(key)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return content

    def forget(self, public_id: str) -> None:
        """Keeps nothing any more of that page."""
        for key in [key for key in self._kept if key[0] == public_id]:
            del self._kept[key]


CONTENTS = web.AppKey("contents", PublicContents)


def _content(public_id: str, snapshot: Mapping[str, Any]) -> Mapping[str, Any]:
    """Everything comes from the revision's snapshot: nothing else may be seen."""
    kind, attachments = Kind(snapshot["kind"]), snapshot["attachments"]
    body = to_html(snapshot["body"], _pictures(attachments))
    in_body = set(picture_hashes(body))
    addresses = {one["sha256"]: _file_address(public_id, one["name"]) for one in attachments}
    return {
        "content": snapshot,
        "kind_label": KIND_LABELS[kind],
        "formed_on": date.fromisoformat(snapshot["formed_on"]),
        "body": Markup(_unstyled(with_picture_urls(body, addresses.__getitem__))),  # noqa: S704 - sanitised
        "field_rows": [] if body else display_rows(kind, snapshot["fields"]),
        "files": [
            {
                "name": one["name"],
                "address": _file_address(public_id, one["name"]),
                "size": _size(one["size"]),
            }
            for one in attachments
            if one["sha256"] not in in_body
        ],
    }


def _pictures(attachments: list[dict[str, Any]]) -> dict[str, Picture]:
    return {
        one["name"]: Picture(one["sha256"], one["name"], one["media_type"])
        for one in attachments
        if one["media_type"] in PICTURES
    }


def _file_address(public_id: str, name: str) -> str:
    return f"/p/{public_id}/files/{quote(name, safe='')}"


def _unstyled(html: str) -> str:
    """The policy allows no style attributes: a cell's alignment, the only style in a body, becomes a class."""
    return _ALIGNED.sub(r'<\1 class="align-\2"', html)


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
