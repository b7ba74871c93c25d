"""/follow/{account}/data: 我的数据, shown and erased; and the notice on personal data, for anybody to read."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.consent import has_consented, present_notice
from outreach.followers.model import Follower
from outreach.followers.personal_data import erase, kept_of
from outreach.foundation.problems import Forbidden, InvalidContent, NotFound, invalid
from outreach.foundation.seal import digest
from outreach.web import keys
from outreach.web.follow import shell
from outreach.web.follow.page import shown_to_follower
from outreach.web.follow.visits import forget_follower, own_form
from outreach.web.forms import messages

_FINGERPRINT = 12


async def show(request: web.Request) -> web.Response:
    """GET /follow/{account}/data"""
    return await shown_to_follower(request, "data", _page)


async def show_notice(request: web.Request) -> web.Response:
    """GET /follow/{account}/notice"""
    async with keys.office_of(request).db.read() as session:
        try:
            await shell.account_of(request, session)
        except NotFound as problem:
            return await shell.tell(request, session, "没有这个页面", problem.detail, status=404, leads=False)
        return await shell.render(request, session, "notice.html", {"notice": await present_notice(session)})


async def remove(request: web.Request) -> web.Response:
    """POST /follow/{account}/erase"""
    try:
        form = await own_form(request)
    except Forbidden as problem:
        async with keys.office_of(request).db.read() as session:
            return await shell.tell(request, session, problem.title, problem.detail, status=problem.status)
    async with keys.office_of(request).db.begin() as session:
        follower = await shell.follower_of(request, session)
        if follower is None:
            return await shell.tell(request, session, "请重新进入", "登录已过期，没有删除。", status=401)
        if not form.is_ticked("sure"):
            return await _page(request, session, follower, invalid("sure", "请先勾选“确认删除”。"))
        await erase(session, follower)
        told = "您的订阅、同意记录和往来消息已经删除，不再向您发送通知。"
        response = await shell.tell(request, session, "已删除", told)
    forget_follower(response)
    return response


async def _page(
    request: web.Request, session: AsyncSession, follower: Follower, problem: InvalidContent | None = None
) -> web.Response:
    context = {
        "kept": await kept_of(session, follower),
        "fingerprint": digest(follower.openid)[:_FINGERPRINT],
        "has_consented": await has_consented(session, follower),
        "errors": messages(problem),
    }
    return await shell.render(
        request, session, "data.html", context, status=problem.status if problem else 200
    )
