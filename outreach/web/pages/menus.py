"""/menus: the menu under the conversations of an account, as WeChat has it and as it would be published."""

from __future__ import annotations

from aiohttp import web

from outreach.channels.protocol import ChannelError
from outreach.channels.queries import list_accounts
from outreach.channels.rules import has_menu
from outreach.followers.texts.catalogue import MENU
from outreach.followers.texts.queries import open_edition
from outreach.foundation.problems import NotPossible, Problem
from outreach.foundation.seal import WrongKey
from outreach.office.publish_menu import compare_menu, publish_menu
from outreach.people.rules import Act, may
from outreach.web import keys
from outreach.web.forms import form_of
from outreach.web.rendering import render, see_other


async def show_all(request: web.Request) -> web.Response:
    """GET /menus"""
    async with keys.office_of(request).db.read() as session:
        accounts = [one for one in await list_accounts(session, active_only=True) if has_menu(one)]
    if len(accounts) == 1:
        return see_other(f"/menus/{accounts[0].id}")
    return render(request, "menus/list.html", {"accounts": accounts})


async def show(request: web.Request) -> web.Response:
    """GET /menus/{id}"""
    return await _page(request)


async def publish(request: web.Request) -> web.Response:
    """POST /menus/{id}/publish"""
    account_id = request.match_info["id"]
    seen = (await form_of(request)).text("seen")
    try:
        await publish_menu(keys.office_of(request), keys.person_of(request), account_id, seen)
    except (NotPossible, WrongKey) as problem:
        return await _page(request, problem)
    except ChannelError as error:
        return await _page(request, NotPossible(error.message))
    return see_other(f"/menus/{account_id}", notice="menu-published")


async def _page(request: web.Request, problem: Problem | None = None) -> web.Response:
    """What WeChat has is asked anew each time: somebody may have changed it on the platform's site."""
    office, account_id = keys.office_of(request), request.match_info["id"]
    compared, unanswered = None, None
    try:
        compared = await compare_menu(office, account_id)
    except (ChannelError, WrongKey) as error:
        unanswered = error.message if isinstance(error, ChannelError) else error.detail
    async with office.db.read() as session:
        waiting = await open_edition(session, MENU)
    context = {
        "account_id": account_id,
        "compared": compared,
        "unanswered": unanswered,
        "waiting": waiting,
        "problem": problem,
        "may_publish": may(keys.person_of(request), Act.PUBLISH),
    }
    return render(request, "menus/menu.html", context, status=problem.status if problem else 200)
