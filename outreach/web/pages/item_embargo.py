"""不早于 on an item's page."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.office import set_embargo
from outreach.web import keys
from outreach.web.forms import Form
from outreach.web.pages.item_actions import act_on, item_path


async def change(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/not-before: set, or lifted where nothing is chosen."""
    zone = keys.office_of(request).settings.zone

    async def set_it(session: AsyncSession, form: Form) -> object:
        not_before = form.time("not_before", zone)
        item_id, person = request.match_info["id"], keys.person_of(request)
        return await set_embargo.set_embargo(session, item_id, person, not_before)

    return await act_on(request, set_it, item_path(request), "saved")
