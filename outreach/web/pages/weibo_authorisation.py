"""授权: whoever owns a Weibo account lets the service post (OAuth2, open.weibo.com/wiki/Oauth2/authorize).

The `state` that goes to Weibo and comes back is signed over the browser's session and the account and holds
for ten minutes: an answer that this browser didn't ask for is not taken. The code in it holds once.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Final

from aiohttp import web

from outreach.channels import service
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import ChannelError
from outreach.channels.queries import get_account
from outreach.channels.weibo.oauth import Authorisation, WeiboOAuth
from outreach.foundation import clock
from outreach.foundation.problems import NotFound
from outreach.foundation.seal import WrongKey, same
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.pages.accounts import Told, account_of, account_page
from outreach.web.rendering import see_other

_STATE_LIFE: Final = timedelta(minutes=10)
_REFUSED: Final = Told(
    "warning", "没有授权", "您在微博的页面上没有同意授权。需要发布微博时，请重新点“授权”。"
)
_STRANGE: Final = Told(
    "danger",
    "授权没有完成",
    "这次授权请求已过期，或者不是从本页发起的，没有被接受。请重新点“授权”，并在十分钟内完成。",
)


async def begin(request: web.Request) -> web.Response:
    """POST /accounts/{id}/weibo/authorise: leads the browser to Weibo."""
    require(keys.person_of(request), Act.ADMINISTER)
    account = await _weibo_account(request)
    try:
        oauth = _oauth(request, account)
    except ChannelError as error:
        return await account_page(request, Told("danger", "无法授权", error.message))
    except WrongKey as problem:
        return await account_page(request, Told("danger", problem.title, problem.detail))
    until = int((clock.now() + _STATE_LIFE).timestamp())
    address = oauth.authorize_url(_redirect_uri(request, account), _state(request, account, until))
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


async def finish(request: web.Request) -> web.Response:
    """GET /accounts/{id}/weibo/authorised: Weibo leads the browser back, with a code or a refusal."""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    account = await _weibo_account(request)
    if not _is_ours(request, account, request.query.get("state", "")):
        return await account_page(request, _STRANGE, status=403)
    if "code" not in request.query:
        return await account_page(request, _refusal(request))
    try:
        oauth = _oauth(request, account)
        granted = await oauth.exchange_code(request.query["code"], _redirect_uri(request, account))
    except ChannelError as error:
        return await account_page(request, Told("danger", "授权没有完成", error.message))
    await _keep(request, account, granted)
    await keys.wake(request)
    return see_other(f"/accounts/{account.id}", notice="account-authorised")


async def _keep(request: web.Request, account: Account, granted: Authorisation) -> None:
    office = keys.office_of(request)
    async with office.db.begin() as session:
        await service.authorise_weibo(
            session,
            office.sealer,
            keys.person_of(request),
            await get_account(session, account.id),
            uid=granted.uid,
            token=granted.access_token,
            expires_in_s=granted.expires_in_s,
        )


async def _weibo_account(request: web.Request) -> Account:
    account = await account_of(request)
    if account.channel is not ChannelName.WEIBO:
        raise NotFound("只有微博账号需要授权。")
    return account


def _oauth(request: web.Request, account: Account) -> WeiboOAuth:
    return keys.office_of(request).channels.weibo_oauth(account)


def _redirect_uri(request: web.Request, account: Account) -> str:
    """It has to be the same, sign by sign, in both calls and at open.weibo.com."""
    return f"{keys.office_of(request).settings.public_url}/accounts/{account.id}/weibo/authorised"


def _refusal(request: web.Request) -> Told:
    if request.query.get("error") == "access_denied":
        return _REFUSED
    told = request.query.get("error_description") or request.query.get("error", "")
    return Told("danger", "授权没有完成", f"微博没有给出授权码，请重新点“授权”。（微博返回：{told[:200]}）")


def _state(request: web.Request, account: Account, until: int) -> str:
    key = keys.office_of(request).sealer.key_for("weibo-authorisation")
    signed = f"{keys.visit_of(request).session_hash}/{account.id}/{until}"
    return f"{until}.{hmac.new(key, signed.encode(), 'sha256').hexdigest()}"


def _is_ours(request: web.Request, account: Account, state: str) -> bool:
    until, _, _ = state.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        return False
    return same(state, _state(request, account, int(until))) and clock.now().timestamp() < int(until)
