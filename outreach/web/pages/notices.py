"""/notices: what followers are told, planned, under way and told."""

from __future__ import annotations

from aiohttp import web

from outreach.followers.notices.queries import list_notices
from outreach.followers.notices.rules import OCCASION_LABELS, STATE_LABELS
from outreach.people.rules import Act, may
from outreach.web import keys
from outreach.web.rendering import render

_ROWS = 50


async def show(request: web.Request) -> web.Response:
    """GET /notices?cursor="""
    cursor = request.query.get("cursor", "").replace("\x00", "") or None
    async with keys.office_of(request).db.read() as session:
        notices, next_cursor = await list_notices(session, limit=_ROWS, cursor=cursor)
    context = {
        "notices": notices,
        "next": next_cursor,
        "is_first": cursor is None,
        "may_choose": may(keys.person_of(request), Act.ADMINISTER),
        "STATE_LABELS": STATE_LABELS,
        "OCCASION_LABELS": OCCASION_LABELS,
    }
    return render(request, "notices/list.html", context)
