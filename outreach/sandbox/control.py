"""The control calls under /_sandbox, for tests and demos only."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from outreach.sandbox import faults, journal
from outreach.sandbox.accounts import AccountInvalidError, WeChatAccount
from outreach.sandbox.context import SANDBOX, Sandbox, SettingInvalidError
from outreach.sandbox.faults import FaultInvalidError
from outreach.sandbox.reading import NotAnObjectError, json_object, row_id
from outreach.sandbox.wechat import events, figures, followers, mass_jobs, messages, publishing
from outreach.sandbox.wechat.figures import FiguresInvalidError
from outreach.sandbox.weibo import statuses

_ALL: Final = 10**9  # more calls than are ever written down
_MOST_FOLLOWERS: Final = 10**7  # that are added at once


def routes() -> list[web.RouteDef]:
    """The control API; a POST answers with what a GET of the same path would."""
    return [
        web.get("/_sandbox/wechat/articles", _articles),
        web.get("/_sandbox/wechat/pushes", _pushes),
        web.get("/_sandbox/wechat/messages", _messages),
        web.get("/_sandbox/wechat/messages/summary", _summary),
        web.post("/_sandbox/wechat/figures", _tell_figures),
        web.get("/_sandbox/weibo/statuses", _statuses),
        web.get("/_sandbox/accounts", _accounts),
        web.post("/_sandbox/accounts", _change_account),
        web.get("/_sandbox/requests", _requests),
        web.get("/_sandbox/settings", _settings),
        web.post("/_sandbox/settings", _change_settings),
        web.get("/_sandbox/faults", _faults),
        web.post("/_sandbox/faults", _place_fault),
        web.get("/_sandbox/followers", _followers),
        web.post("/_sandbox/followers", _make_followers),
        web.post("/_sandbox/events", _push),
        web.post("/_sandbox/reset", _reset),
    ]


async def _articles(request: web.Request) -> web.Response:
    return _json(publishing.articles(request.app[SANDBOX]))


async def _pushes(request: web.Request) -> web.Response:
    return _json(mass_jobs.pushes(request.app[SANDBOX]))


async def _messages(request: web.Request) -> web.Response:
    return _json(messages.listed(request.app[SANDBOX].store, *_page(request)))


async def _summary(request: web.Request) -> web.Response:
    return _json(messages.summary(request.app[SANDBOX].store))


async def _tell_figures(request: web.Request) -> web.Response:
    """How often an article (`msgid`) was read on a day (`date`): any of `figures.NAMES`; answers with what was told."""
    sandbox, values = request.app[SANDBOX], await _values(request)
    try:
        figures.tell(sandbox.store, _account(sandbox, values.get("account")), values)
    except FiguresInvalidError as error:
        raise _bad(str(error)) from None
    return _json(values)


async def _statuses(request: web.Request) -> web.Response:
    return _json(statuses.statuses(request.app[SANDBOX]))


async def _accounts(request: web.Request) -> web.Response:
    accounts = request.app[SANDBOX].accounts
    return _json([accounts.shown(account) for account in accounts.all()])


async def _change_account(request: web.Request) -> web.Response:
    values = await _values(request)
    try:
        request.app[SANDBOX].accounts.change(values)
    except AccountInvalidError as error:
        raise _bad(str(error)) from None
    return await _accounts(request)


async def _requests(request: web.Request) -> web.Response:
    return _json(journal.listed(request.app[SANDBOX].store, *_page(request)))


async def _settings(request: web.Request) -> web.Response:
    return _json(request.app[SANDBOX].settings())


async def _change_settings(request: web.Request) -> web.Response:
    values = await _values(request)
    try:
        request.app[SANDBOX].change_settings(values)
    except SettingInvalidError as error:
        raise _bad(str(error)) from None
    return await _settings(request)


async def _faults(request: web.Request) -> web.Response:
    return _json(faults.listed(request.app[SANDBOX].store))


async def _place_fault(request: web.Request) -> web.Response:
    values = await _values(request)
    try:
        faults.place(request.app[SANDBOX].store, values)
    except FaultInvalidError as error:
        raise _bad(str(error)) from None
    return await _faults(request)


async def _followers(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    return _json(_audience(sandbox, _account(sandbox, request.query.get("account"))))


async def _make_followers(request: web.Request) -> web.Response:
    sandbox, values = request.app[SANDBOX], await _values(request)
    account, count = _account(sandbox, values.get("account")), values.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MOST_FOLLOWERS:
        raise _bad("count is how many are to be added")
    await followers.make(sandbox, account, count)
    return _json(_audience(sandbox, account))


def _audience(sandbox: Sandbox, account: WeChatAccount) -> dict[str, Any]:
    return {"account": account.appid, "count": followers.total(sandbox.store, account.appid)}


async def _push(request: web.Request) -> web.Response:
    """`type` is `text` (with `content`) or an event's name; other fields become the message's own."""
    sandbox, values = request.app[SANDBOX], await _values(request)
    account, kind = _account(sandbox, values.pop("account", None)), values.pop("type", None)
    if not isinstance(kind, str) or not kind:
        raise _bad("type names a message")
    delivery = await events.push(sandbox, account, kind, values)
    if delivery is None:
        raise _bad("no finished job has this id")
    return _json(asdict(delivery))


async def _reset(request: web.Request) -> web.Response:
    request.app[SANDBOX].cancel_tasks()
    return _json(request.app[SANDBOX].store.empty())


async def _values(request: web.Request) -> dict[str, Any]:
    try:
        return json_object(await request.read())
    except NotAnObjectError:
        raise _bad("the body is no JSON object") from None


def _account(sandbox: Sandbox, key: Any) -> WeChatAccount:
    """The WeChat account of that appid, the first one without. Raises HTTPBadRequest."""
    account = sandbox.accounts.wechat(str(key) if key is not None else None)
    if account is None:
        raise _bad("account is the appid of a WeChat account")
    return account


def _page(request: web.Request) -> tuple[int, int]:
    after, limit = row_id(request.query.get("after", "0")), row_id(request.query.get("limit", _ALL))
    if after < 0 or limit < 0:
        raise _bad("after and limit are whole numbers")
    return after, limit


def _bad(problem: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(
        text=json.dumps({"problem": problem}, ensure_ascii=False), content_type="application/json"
    )


def _json(value: Any) -> web.Response:
    return web.json_response(value, dumps=lambda given: json.dumps(given, ensure_ascii=False))
