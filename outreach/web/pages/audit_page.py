"""/audit: who did what, and whether the log is whole (auditors)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from outreach.foundation import audit, audit_log
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /audit?act=&actor=&before="""
    require(keys.person_of(request), Act.READ_AUDIT)
    return await _page(request)


async def verify(request: web.Request) -> web.Response:
    """POST /audit/verify: reads the whole chain and shows what it found."""
    require(keys.person_of(request), Act.READ_AUDIT)
    async with keys.office_of(request).db.read() as session:
        faults = await audit.verify(session)
    return await _page(request, faults)


async def _page(request: web.Request, faults: Sequence[audit.Fault] | None = None) -> web.Response:
    act, actor = request.query.get("act", ""), request.query.get("actor", "").strip()
    async with keys.office_of(request).db.read() as session:
        page = await audit_log.page(session, before=_before(request), act=act, actor=actor)
        acts = await audit_log.acts(session)
    context = {
        "page": page,
        "acts": acts,
        "act": act,
        "actor": actor,
        "older": urlencode({"act": act, "actor": actor, "before": page.older}) if page.older else "",
        "faults": faults,
    }
    return render(request, "audit/audit.html", context)


def _before(request: web.Request) -> int | None:
    typed = request.query.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
