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
from outreach.sandbox.wechat import publishing
from outreach.sandbox.wechat.push import Delivery, deliver, openid
from outreach.sandbox.weibo import statuses

_ALL: Final = 10**9  # more calls than are ever written down


def routes() -> list[web.RouteDef]:
    """The control API; a POST answers with what a GET of the same path would."""
    return [
        web.get("/_sandbox/wechat/articles", _articles),
        web.get("/_sandbox/weibo/statuses", _statuses),
        web.get("/_sandbox/accounts", _accounts),
        web.post("/_sandbox/accounts", _change_account),
        web.get("/_sandbox/requests", _requests),
        web.get("/_sandbox/settings", _settings),
        web.post("/_sandbox/settings", _change_settings),
        web.get("/_sandbox/faults", _faults),
        web.post("/_sandbox/faults", _place_fault),
        web.post("/_sandbox/events", _push),
        web.post("/_sandbox/reset", _reset),
    ]


async def _articles(request: web.Request) -> web.Response:
    return _json(publishing.articles(request.app[SANDBOX]))


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
    after, limit = row_id(request.query.get("after", "0")), row_id(request.query.get("limit", _ALL))
    if after < 0 or limit < 0:
        raise _bad("after and limit are whole numbers")
    return _json(journal.listed(request.app[SANDBOX].store, after, limit))


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


async def _push(request: web.Request) -> web.Response:
    """`type` is `text` (with `content`) or an event's name; other fields become the message's own."""
    sandbox, values = request.app[SANDBOX], await _values(request)
    kind = values.pop("type", None)
    account = sandbox.accounts.wechat(values.pop("account", None))
    if not isinstance(kind, str) or account is None:
        raise _bad("account and type name a WeChat account and a message")
    delivery = await _delivered(sandbox, account, kind, values)
    if delivery is None:
        raise _bad("no finished publication has this publish_id")
    return _json(asdict(delivery))


async def _delivered(
    sandbox: Sandbox, account: WeChatAccount, kind: str, values: dict[str, Any]
) -> Delivery | None:
    if "publish_id" in values:
        return await publishing.tell(sandbox, row_id(values["publish_id"]))
    sender = {
        "FromUserName": values.pop("openid", None) or openid(account, "reader"),
        "CreateTime": int(sandbox.clock()),
    }
    if kind == "text":
        message = {
            "MsgType": "text",
            "Content": values.pop("content", ""),
            "MsgId": int(sandbox.clock() * 10**6),
        }
    else:
        message = {"MsgType": "event", "Event": kind}
    return await deliver(sandbox, account, sender | message | values)


async def _reset(request: web.Request) -> web.Response:
    request.app[SANDBOX].cancel_tasks()
    return _json(request.app[SANDBOX].store.empty())


async def _values(request: web.Request) -> dict[str, Any]:
    try:
        return json_object(await request.read())
    except NotAnObjectError:
        raise _bad("the body is no JSON object") from None


def _bad(problem: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(
        text=json.dumps({"problem": problem}, ensure_ascii=False), content_type="application/json"
    )


def _json(value: Any) -> web.Response:
    return web.json_response(value, dumps=lambda given: json.dumps(given, ensure_ascii=False))
