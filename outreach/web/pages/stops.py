"""The buttons that stop all publishing and let it go on, of one account or of the whole office."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation.problems import InvalidContent, NotPossible
from outreach.office.stop_publishing import go_on_publishing, stop_publishing
from outreach.web import keys
from outreach.web.forms import form_of
from outreach.web.pages.accounts import account_page, list_page
from outreach.web.rendering import see_other
from outreach.web.sessions import local_path


async def stop_account(request: web.Request) -> web.Response:
    """POST /accounts/{id}/stop"""
    reason, account_id = (await form_of(request)).text("reason"), request.match_info["id"]
    try:
        await stop_publishing(keys.office_of(request), keys.person_of(request), reason, account_id=account_id)
    except (InvalidContent, NotPossible) as problem:
        return await account_page(request, problem=problem, typed=reason)
    return see_other(f"/accounts/{account_id}", notice="account-stopped")


async def stop_office(request: web.Request) -> web.Response:
    """POST /publishing/stop"""
    reason = (await form_of(request)).text("reason")
    try:
        await stop_publishing(keys.office_of(request), keys.person_of(request), reason, account_id=None)
    except (InvalidContent, NotPossible) as problem:
        return await list_page(request, problem=problem, typed=reason)
    return see_other("/accounts", notice="office-stopped")


async def let_account_go_on(request: web.Request) -> web.Response:
    """POST /accounts/{id}/go-on"""
    account_id = request.match_info["id"]
    back = (await form_of(request)).text("back")
    await go_on_publishing(keys.office_of(request), keys.person_of(request), account_id=account_id)
    await keys.wake(request)
    return see_other(local_path(back) if back else f"/accounts/{account_id}", notice="account-goes-on")


async def let_office_go_on(request: web.Request) -> web.Response:
    """POST /publishing/go-on"""
    back = (await form_of(request)).text("back")
    await go_on_publishing(keys.office_of(request), keys.person_of(request), account_id=None)
    await keys.wake(request)
    return see_other(local_path(back) if back else "/accounts", notice="office-goes-on")
