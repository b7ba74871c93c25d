"""WeChat's web login: the browser is sent away and comes back with a code, which becomes a cookie of ours."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from outreach.channels.model import Account
from outreach.channels.protocol import ChannelError, Refused
from outreach.followers import following
from outreach.foundation import clock
from outreach.web import keys
from outreach.web.follow import shell
from outreach.web.follow.visits import begin_login, page_of_login, place_of, set_follower

_CODE_LENGTH: Final = 512


def lead_to_wechat(request: web.Request, account: Account, page: str) -> web.Response:
    """Sends the browser to WeChat, which asks nobody anything (snsapi_base) and sends it back. Raises ChannelError."""
    office = keys.office_of(request)
    response = web.Response(status=303, headers={"Cache-Control": "no-store"})
    state = begin_login(request, response, page)
    back = f"{office.settings.public_url}{shell.address_of(request)}/entered"
    response.headers["Location"] = office.channels.login_of(account).login_url(back, state)
    return response


async def enter(request: web.Request) -> web.Response:
    """GET /follow/{account}/entered?code=&state="""
    async with keys.office_of(request).db.read() as session:
        account = await shell.account_of(request, session)
        known = await shell.follower_of(request, session)
    page = page_of_login(request)
    if known is not None:
        # A browser that opens this address twice, as WeChat's does, has used its code with the first call.
        return _led_on(request, page or "")
    if page is None:
        return await _told(request, "请重新进入", "这次登录已过期，或者不是从本页面发起的。", 403)
    code = request.query.get("code", "")
    if not code or len(code) > _CODE_LENGTH:
        return await _told(request, "没有登录", "微信没有给出登录信息。", 403)
    try:
        return await _entered(request, account, code, page)
    except Refused:
        return await _told(request, "请重新进入", "登录信息已用过或已过期。", 403)
    except ChannelError:
        return await _told(request, "暂时不能打开", "微信没有答复，请过一会儿再试。", 503)


async def _entered(request: web.Request, account: Account, code: str, page: str) -> web.Response:
    office = keys.office_of(request)
    channel = office.channels.login_of(account)
    visitor = await channel.visitor(code)
    if visitor.is_virtual:
        told = "现在是预览。请点屏幕下方的“使用完整服务”，然后重新进入。"
        return await _told(request, "请使用完整服务", told, 403)
    async with office.db.read() as session:
        follower_id = await following.find_subscribed(session, account.id, visitor.openid)
    if follower_id is None:
        if not await channel.is_follower(visitor.openid):
            return await _told(
                request, "请先关注", f"请先关注公众号“{account.name}”，再从公众号菜单进入。", 403
            )
        async with office.db.begin() as session:
            follower_id = await following.see(session, account.id, visitor.openid, clock.now())
    response = _led_on(request, page)
    set_follower(request, response, follower_id)
    return response


def _led_on(request: web.Request, page: str) -> web.Response:
    """Away from the address that bears the code."""
    location = f"{shell.address_of(request)}{place_of(page) or ''}"
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


async def _told(request: web.Request, title: str, message: str, status: int) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        return await shell.tell(request, session, title, message, status=status)
