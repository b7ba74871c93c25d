"""/items/{id}/revisions/{number}: a revision, and what it changed in the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from outreach.foundation.problems import NotFound
from outreach.items.differences import Change, Piece, differences, readable_texts
from outreach.office.read_revision import read_revision
from outreach.web import keys
from outreach.web.rendering import render

_MOST_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class ComparedText:
    """A text by its label, with what changed in it."""

    label: str
    pieces: list[Piece]

    @property
    def is_changed(self) -> bool:
        """Whether it is another one than before."""
        return any(piece.change is not Change.KEPT for piece in self.pieces)


async def show(request: web.Request) -> web.Response:
    """GET /items/{id}/revisions/{number}"""
    number = request.match_info["number"]
    if len(number) > _MOST_DIGITS:
        raise NotFound("没有这个版本。")
    async with keys.office_of(request).db.begin() as session:
        read = await read_revision(session, request.match_info["id"], int(number), keys.person_of(request))
    texts = await asyncio.to_thread(_compared, read.before_snapshot or read.snapshot, read.snapshot)
    context = {
        "read": read,
        "item": read.item,
        "changed": [one for one in texts if one.is_changed],
        "kept": [one for one in texts if not one.is_changed],
    }
    return render(request, "items/revision.html", context)


def _compared(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[ComparedText]:
    """Every text that one of the two has."""
    olds, news = readable_texts(before), readable_texts(now)
    labels = dict.fromkeys([*news, *olds])
    texts = [ComparedText(one, differences(olds.get(one, ""), news.get(one, ""))) for one in labels]
    return [one for one in texts if one.pieces]
