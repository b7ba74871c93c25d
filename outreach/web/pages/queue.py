"""/queue: what waits for whoever asks, the one that waits longest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.publishing.queries import approved_and_unplanned
from outreach.review.queries import returned_to, waiting_for
from outreach.review.rules import ACT_OF_STAGE
from outreach.web import keys
from outreach.web.pages.item_views import WORDS, ItemRow, rows_of
from outreach.web.rendering import render

_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Group:
    """One reason for which items wait. `page` begins at 1; `pages` is how many there are."""

    name: str
    total: int
    page: int
    pages: int
    rows: list[ItemRow]


async def show(request: web.Request) -> web.Response:
    """GET /queue; `?waiting=2`, `?returned=2`, `?approved=2` give the next page of a group."""
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        groups = [
            await _group(request, session, name, items)
            for name, items in (
                ("waiting", await waiting_for(session, person)),
                ("returned", await returned_to(session, person)),
                ("approved", await approved_and_unplanned(session, person)),
            )
        ]
    context = {
        **WORDS,
        "groups": [group for group in groups if group.total],
        "reviews": _reviews(person),
        "writes": may(person, Act.WRITE_ITEMS),
        "publishes": may(person, Act.PUBLISH),
    }
    return render(request, "queue/queue.html", context)


async def _group(request: web.Request, session: AsyncSession, name: str, items: Sequence[Item]) -> Group:
    pages = max(1, -(-len(items) // _ROWS))
    page = min(_number(request.query.get(name, "")), pages)
    shown = items[(page - 1) * _ROWS : page * _ROWS]
    rows = await rows_of(session, shown, keys.office_of(request).settings.zone)
    return Group(name, len(items), page, pages, rows)


def _number(typed: str) -> int:
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def _reviews(person: Person) -> bool:
    return any(may(person, act) for act in ACT_OF_STAGE.values())
