"""The frame of these pages: who may see them, their headers, what is said where something is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.channels.queries import get_account
from outreach.channels.rules import can_log_in
from outreach.followers.model import Follower
from outreach.followers.topics.queries import get_follower
from outreach.foundation import office_settings
from outreach.foundation.problems import NotFound
from outreach.web import csrf, keys
from outreach.web.follow.visits import csrf_token, follower_id_of

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def address_of(request: web.Request) -> str:
    """The path of the account's own pages."""
    return f"/follow/{request.match_info['account']}"


async def account_of(request: web.Request, session: AsyncSession) -> Account:
    """The account of the address. Raises NotFound where its followers can't be known by a page."""
    account = await get_account(session, request.match_info["account"])
    if not account.active or not can_log_in(account):
        raise NotFound("这个公众号没有网页订阅。请在公众号里回复“帮助”。")
    return account


async def follower_of(request: web.Request, session: AsyncSession) -> Follower | None:
    """The follower whose browser it is; None where nobody is logged in, or who was follows no longer."""
    follower_id = follower_id_of(request)
    if follower_id is None:
        return None
    try:
        return await get_follower(session, request.match_info["account"], follower_id)
    except NotFound:
        return None


async def render(
    request: web.Request,
    session: AsyncSession,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> web.Response:
    """`template` (below `templates/follow`) as a page."""
    source = request.app[keys.TEMPLATES].get_template(f"follow/{template}")
    html = source.render(
        {
            "address": address_of(request),
            "bureau": (await office_settings.load(session)).bureau,
            "demo": request.app[keys.DEMO],
            "csrf_field": csrf.FIELD,
            "csrf_token": csrf_token(request),
            **context,
        }
    )
    response = web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
    response.headers.update(HEADERS)
    return response


async def tell(
    request: web.Request,
    session: AsyncSession,
    title: str,
    message: str,
    *,
    status: int = 200,
    leads: bool = True,
) -> web.Response:
    """A page that says one thing. `leads`: with a link to begin anew."""
    context = {"title": title, "message": message, "leads": leads}
    return await render(request, session, "told.html", context, status=status)
