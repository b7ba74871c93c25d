"""/accounts: the bureau's accounts on the platforms; what they are given is typed in and never shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from outreach.channels import breaker, service
from outreach.channels.budget_rules import WINDOW_LABELS
from outreach.channels.credentials import (
    WeChatCredentials,
    WeiboCredentials,
    open_credentials,
    typed_fields,
)
from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.protocol import ChannelError, NeedsOperator
from outreach.channels.queries import get_account, list_accounts
from outreach.channels.rights import RIGHT_LABELS, RIGHT_STATE_LABELS, problem_of
from outreach.channels.rules import CHANNEL_LABELS, TYPE_LABELS, can_publish, is_authorisation_ending
from outreach.channels.standing import passed_accounts, standing_of
from outreach.foundation import clock, stops
from outreach.foundation.problems import InvalidContent, NotFound, Problem
from outreach.foundation.seal import WrongKey
from outreach.office.check_account import check_account
from outreach.office.context import Office
from outreach.office.replace_credentials import replace_credentials as replace
from outreach.people.rules import STOPPING, Act, may, may_any, require
from outreach.publishing.editions.queries import standings_of
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other
from outreach.web.sessions import local_path


@dataclass(frozen=True, slots=True)
class Told:
    """What is said once above an account's page; `tone` is one of Tabler's colours."""

    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What administrators may know of credentials: never their values. `fault` is why they can't be used,
    `is_encrypted` WeChat's mode of pushing, `uid` whom Weibo granted it."""

    fault: str | None = None
    is_encrypted: bool = False
    uid: str | None = None


ACCEPTED: Final = Told("success", "凭据已更换，检查通过", "账号用新的凭据继续工作，等待的发布件会接着发送。")
NOT_ACCEPTED: Final = "凭据已更换，检查没有通过"
CHECKED: Final = Told("success", "检查通过", "这个账号需要的权限都有，各项见下面的“权限检查”。")


async def show_all(request: web.Request) -> web.Response:
    """GET /accounts"""
    return await list_page(request)


async def show_new(request: web.Request) -> web.Response:
    """GET /accounts/new?channel="""
    require(keys.person_of(request), Act.ADMINISTER)
    return _new_page(request, Form({}))


async def add(request: web.Request) -> web.Response:
    """POST /accounts/new?channel="""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    form, channel, office = await form_of(request), _channel(request), keys.office_of(request)
    try:
        async with office.db.begin() as session:
            account = await service.add_account(
                session,
                office.sealer,
                by,
                channel=channel,
                name=form.text("name"),
                type_=_type(form),
                verified=form.is_ticked("verified"),
                credentials=_credentials(form, channel),
            )
    except InvalidContent as problem:
        return _new_page(request, form, problem)
    return see_other(f"/accounts/{account.id}", notice="account-added")


async def show_one(request: web.Request) -> web.Response:
    """GET /accounts/{id}"""
    return await account_page(request)


async def resume(request: web.Request) -> web.Response:
    """POST /accounts/{id}/resume"""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    back = (await form_of(request)).text("back")
    async with keys.office_of(request).db.begin() as session:
        account = await get_account(session, request.match_info["id"])
        await service.resume_account(session, by, account)
    await keys.wake(request)
    return see_other(local_path(back) if back else f"/accounts/{account.id}", notice="account-resumed")


async def check(request: web.Request) -> web.Response:
    """POST /accounts/{id}/check: asks the platform, outside of any transaction."""
    require(keys.person_of(request), Act.ADMINISTER)
    account = await account_of(request)
    try:
        rights = await check_account(keys.office_of(request), keys.person_of(request), account)
    except ChannelError as error:
        return await account_page(request, Told("danger", "检查没有通过", error.message))
    except WrongKey as problem:
        return await account_page(request, Told("danger", problem.title, problem.detail))
    wrong = problem_of(rights)
    return await account_page(request, Told("danger", "检查没有通过", wrong) if wrong else CHECKED)


async def replace_credentials(request: web.Request) -> web.Response:
    """POST /accounts/{id}/credentials"""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    account, form = await account_of(request), await form_of(request)
    typed = _credentials(form, account.channel)
    try:
        wrong = await replace(keys.office_of(request), by, account.id, typed)
    except InvalidContent as problem:
        return await account_page(request, problem=problem)
    except ChannelError as error:
        wrong = error.message
    await keys.wake(request)
    return await account_page(request, Told("danger", NOT_ACCEPTED, wrong) if wrong else ACCEPTED)


async def account_of(request: web.Request) -> Account:
    """The account that the address names. Raises NotFound."""
    async with keys.office_of(request).db.read() as session:
        return await get_account(session, request.match_info["id"])


async def list_page(request: web.Request, *, typed: str = "", problem: Problem | None = None) -> web.Response:
    """The page of all accounts; `typed` is the reason that somebody gave for stopping all of them."""
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        accounts = await list_accounts(session)
        stopped, tripped = await stops.stops(session), await breaker.breakers(session)
        passed = await passed_accounts(session)
    context = {
        "accounts": [(account, can_publish(account)) for account in accounts],
        "stops": stopped,
        "breakers": tripped,
        "passed": passed,
        "ending": _ending(accounts),
        "may_administer": may(person, Act.ADMINISTER),
        "may_stop": may_any(person, STOPPING),
        "reason": typed,
        "problem": problem,
        "errors": messages(problem),
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "TYPE_LABELS": TYPE_LABELS,
    }
    return render(request, "accounts/list.html", context, status=problem.status if problem else 200)


async def account_page(
    request: web.Request,
    told: Told | None = None,
    *,
    problem: Problem | None = None,
    typed: str = "",
    status: int = 200,
) -> web.Response:
    """The page of the account that the address names; `typed` is the reason that somebody gave for stopping it."""
    office, administers = keys.office_of(request), may(keys.person_of(request), Act.ADMINISTER)
    account = await account_of(request)
    async with office.db.read() as session:
        standing, budgets = await standing_of(session, account), await standings_of(session, account)
    context = {
        "account": account,
        "standing": standing,
        "budgets": budgets,
        "ending": _ending([account]),
        "now": clock.now(),
        "may_stop": may_any(keys.person_of(request), STOPPING),
        "reason": typed,
        "problem": problem,
        "able": can_publish(account),
        "may_administer": administers,
        "sealed": _sealed(office, account) if administers else Sealed(),
        "callback_url": f"{office.settings.public_url}/callbacks/wechat/{account.id}",
        "fields": typed_fields(account.channel),
        "told": told,
        "errors": messages(problem),
        "WINDOW_LABELS": WINDOW_LABELS,
        "RIGHT_LABELS": RIGHT_LABELS,
        "RIGHT_STATE_LABELS": RIGHT_STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "TYPE_LABELS": TYPE_LABELS,
    }
    return render(request, "accounts/account.html", context, status=problem.status if problem else status)


def _ending(accounts: Sequence[Account]) -> set[str]:
    return {one.id for one in accounts if is_authorisation_ending(one, clock.now())}


def _sealed(office: Office, account: Account) -> Sealed:
    try:
        match account.channel:
            case ChannelName.WECHAT:
                wechat = open_credentials(office.sealer, account, WeChatCredentials)
                return Sealed(is_encrypted=wechat.encoding_aes_key is not None)
            case ChannelName.WEIBO:
                weibo = open_credentials(office.sealer, account, WeiboCredentials)
                return Sealed(uid=weibo.uid)
    except NeedsOperator as error:
        return Sealed(fault=error.message)
    except WrongKey as problem:
        return Sealed(fault=problem.detail)


def _new_page(request: web.Request, form: Form, problem: InvalidContent | None = None) -> web.Response:
    channel = _channel(request)
    context = {
        "channel": channel,
        "fields": typed_fields(channel),
        "name": form.text("name"),
        "type": form.text("type"),
        "verified": form.is_ticked("verified"),
        "types": TYPE_LABELS.items(),
        "errors": messages(problem),
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }
    return render(request, "accounts/new.html", context, status=problem.status if problem else 200)


def _channel(request: web.Request) -> ChannelName:
    typed = request.query.get("channel", ChannelName.WECHAT)
    if typed not in set(ChannelName):
        raise NotFound("没有这种账号。请从“账号”页面进入。")
    return ChannelName(typed)


def _type(form: Form) -> AccountType | None:
    typed = form.text("type")
    return AccountType(typed) if typed in set(AccountType) else None


def _credentials(form: Form, channel: ChannelName) -> dict[str, str]:
    return {field.name: form.text(field.name) for field in typed_fields(channel)}
