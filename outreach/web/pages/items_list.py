"""/items: all items that whoever asks may see, newest first, with filters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from outreach.items.labels import KIND_LABELS
from outreach.items.model import ItemState, Kind
from outreach.items.queries import ItemFilter, count_items, list_items
from outreach.items.rules import STATE_LABELS
from outreach.people import queries as people
from outreach.people.rules import Act, may, sees_section
from outreach.web import keys
from outreach.web.pages.item_views import WORDS, rows_of
from outreach.web.rendering import render

_ROWS: Final = 50
_CURSOR: Final = re.compile(r"[0-9A-Z]{26}", re.ASCII)
_FILTERS: Final = ("text", "kind", "section", "state")

Choice = TypeVar("Choice", bound=StrEnum)


async def show(request: web.Request) -> web.Response:
    """GET /items?text=&kind=&section=&state=&cursor="""
    person = keys.person_of(request)
    chosen = {name: request.query.get(name, "").replace("\x00", "").strip() for name in _FILTERS}
    narrow = _filter(chosen)
    cursor = request.query.get("cursor", "")
    async with keys.office_of(request).db.read() as session:
        items, following = await list_items(
            session, person, narrow, limit=_ROWS, cursor=cursor if _CURSOR.fullmatch(cursor) else None
        )
        total = await count_items(session, person, narrow)
        rows = await rows_of(session, items, keys.office_of(request).settings.zone)
        sections = await people.sections(session)
    context = {
        **WORDS,
        "rows": rows,
        "total": total,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "kinds": [(kind.value, label) for kind, label in KIND_LABELS.items()],
        "states": [(state.value, label) for state, label in STATE_LABELS.items()],
        "sections": [(one.name, one.name) for one in sections if sees_section(person, one.id)],
        "is_first": not cursor,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "cursor": following}) if following else "",
        "writes": may(person, Act.WRITE_ITEMS),
    }
    return render(request, "items/list.html", context)


def _filter(chosen: Mapping[str, str]) -> ItemFilter:
    return ItemFilter(
        text=chosen["text"] or None,
        kind=_choice(Kind, chosen["kind"]),
        section=chosen["section"] or None,
        state=_choice(ItemState, chosen["state"]),
    )


def _choice(choices: type[Choice], typed: str) -> Choice | None:
    """None, which narrows nothing, also for a value that an old link may bear."""
    return choices(typed) if typed in set(choices) else None
