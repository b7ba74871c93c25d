"""/items: every item that is for one's eyes, narrowed down."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from outreach.items.labels import KIND_LABELS
from outreach.items.model import ItemState, Kind
from outreach.items.queries import ItemFilter, count_items, require_may_ask
from outreach.items.rows import list_items
from outreach.people.queries import sections
from outreach.people.rules import Act, may, sees_section
from outreach.web import keys
from outreach.web.rendering import render

Member = TypeVar("Member", bound=StrEnum)
_ROWS: Final = 50
_COUNTED: Final = 1000


async def show(request: web.Request) -> web.Response:
    """GET /items?text=&kind=&section=&state=&cursor="""
    person, narrow, cursor = keys.person_of(request), narrow_of(request), typed(request, "cursor")
    require_may_ask(person, narrow)
    async with keys.office_of(request).db.read() as session:
        items, following = await list_items(session, person, narrow, limit=_ROWS, cursor=cursor)
        counted = await count_items(session, person, narrow, at_most=_COUNTED + 1)
        known = [one.name for one in await sections(session) if sees_section(person, one.id)]
    chosen = {
        "text": narrow.text or "",
        "kind": narrow.kind or "",
        "section": narrow.section or "",
        "state": narrow.state or "",
    }
    context = {
        "items": items,
        "total": min(counted, _COUNTED),
        "is_more": counted > _COUNTED,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "sections": [(name, name) for name in known],
        "is_first": cursor is None,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "cursor": following}) if following else "",
        "may_write": may(person, Act.WRITE_ITEMS),
        "KIND_LABELS": KIND_LABELS,
    }
    return render(request, "items/list.html", context)


def narrow_of(request: web.Request) -> ItemFilter:
    """What the address of the list narrows it to."""
    return ItemFilter(
        text=typed(request, "text"),
        kind=member(request, "kind", Kind),
        section=typed(request, "section"),
        state=member(request, "state", ItemState),
    )


def typed(request: web.Request, name: str) -> str | None:
    """What was typed; PostgreSQL takes no NUL."""
    return request.query.get(name, "").replace("\0", "").strip() or None


def member(request: web.Request, name: str, choices: type[Member]) -> Member | None:
    """The choice; an address that names none shows everything, as if nothing were chosen."""
    chosen = request.query.get(name, "")
    return choices(chosen) if chosen in set(choices) else None
