"""/audit: who did what, and whether the log is whole (auditors)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import audit, audit_log
from outreach.foundation.dates import moment
from outreach.foundation.office_settings import OfficeSettings
from outreach.people.rules import Act, require
from outreach.screening.rules import LABELS, rule_title
from outreach.web import keys
from outreach.web.rendering import render

_TIMES: Final = frozenset({"at", "before", "until"})


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
    zone = keys.office_of(request).settings.zone
    context = {
        "page": page,
        "details": {event.number: _readable(event.detail or {}, zone) for event in page.events},
        "FINDING_LABELS": LABELS,
        "rule_title": rule_title,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "SETTING_LABELS": {name: info.title for name, info in OfficeSettings.model_fields.items()},
        "acts": acts,
        "act": act,
        "actor": actor,
        "older": urlencode({"act": act, "actor": actor, "before": page.older}) if page.older else "",
        "faults": faults,
    }
    return render(request, "audit/audit.html", context)


def _readable(detail: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """What is known of an act; its times as the office's clock shows them."""
    known = {name: value for name, value in detail.items() if value not in (None, "")}
    return {name: _moment(value, zone) if name in _TIMES else value for name, value in known.items()}


def _moment(value: Any, zone: ZoneInfo) -> Any:
    """What somebody meddled with is shown as it stands."""
    try:
        return moment(datetime.fromisoformat(value), zone)
    except (TypeError, ValueError):
        return value


def _before(request: web.Request) -> int | None:
    typed = request.query.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
