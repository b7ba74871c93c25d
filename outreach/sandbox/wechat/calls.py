"""One WeChat call: from the request to what an endpoint works on, and back to WeChat's kind of answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from outreach.sandbox import clock
from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.reading import NotAnObjectError, json_object
from outreach.sandbox.wechat.errors import WeChatError, answer

_ESCAPED: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
TOKEN_LIFE_S: Final = 7200
TOKEN_OVERLAP_S: Final = 300  # a replaced token stays valid that long

Files = Mapping[str, web.FileField]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that an endpoint answers. `origin` is this host as the caller named it."""

    sandbox: Sandbox
    account: WeChatAccount
    origin: str
    query: Mapping[str, str]
    json: Mapping[str, Any]
    files: Files

    def text(self, name: str, missing: int) -> str:
        """A text of the JSON body. Raises WeChatError with the code `missing` where there is none."""
        value = self.json.get(name)
        if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            raise WeChatError(missing)
        return str(value)

    def number(self, name: str, lowest: int, highest: int, default: int | None = None) -> int:
        """A whole number of the JSON body. Raises WeChatError (40035) where it is none or out of range."""
        value = self.json.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise WeChatError(40035)
        return value


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path of the API: its method, whose it is, and what answers it."""

    method: str
    answer: Callable[[Call], Mapping[str, Any]]
    verified_only: bool = False
    plain_text: bool = False


async def respond(request: web.Request, endpoints: Mapping[str, Endpoint]) -> web.Response:
    """Answers a call of `endpoints`; whatever is wrong with it comes as an error code in HTTP 200."""
    endpoint = endpoint_of(request, endpoints)
    call = await _call(request)
    count(call.sandbox, call.account, request.path)
    if endpoint.verified_only and not call.account.verified:
        raise WeChatError(48001)
    body = endpoint.answer(call)
    return answer(body, "text/plain" if endpoint.plain_text else "application/json")


def endpoint_of(request: web.Request, endpoints: Mapping[str, Endpoint]) -> Endpoint:
    """The endpoint of the request's path. Raises WeChatError for an unknown one or another method."""
    endpoint = endpoints.get(request.path)
    if endpoint is None:
        raise WeChatError(40066)
    if request.method != endpoint.method:
        raise WeChatError(43001 if endpoint.method == "GET" else 43002)
    return endpoint


def count(sandbox: Sandbox, account: WeChatAccount, path: str) -> None:
    """Counts the call against the account's daily quota of the path. Raises WeChatError (45009)."""
    if sandbox.store.count_use(account.appid, path, clock.day(sandbox.clock())) > account.limits[path]:
        raise WeChatError(45009)


def check_ip(account: WeChatAccount, request: web.Request) -> None:
    """Raises WeChatError (40164) where the account has a whitelist without the caller's address."""
    if account.ip_whitelist is not None and request.remote not in account.ip_whitelist:
        raise WeChatError(40164, request.remote or "")


async def json_body(request: web.Request) -> Mapping[str, Any]:
    """The JSON object that was posted. Raises WeChatError for none, for another thing and for `\\uXXXX` escapes."""
    raw = await request.read()
    if not raw:
        raise WeChatError(44002)
    if _ESCAPED.search(raw):
        raise WeChatError(40033)
    try:
        return json_object(raw)
    except NotAnObjectError:
        raise WeChatError(47001) from None


async def _call(request: web.Request) -> Call:
    sandbox = request.app[SANDBOX]
    account = _account(sandbox, request.query.get("access_token", ""))
    check_ip(account, request)
    multipart = request.content_type == "multipart/form-data"
    return Call(
        sandbox,
        account,
        str(request.url.origin()),
        request.query,
        {} if multipart or request.method == "GET" else await json_body(request),
        await _files(request) if multipart else {},
    )


def _account(sandbox: Sandbox, token: str) -> WeChatAccount:
    """Whose token it is. Raises WeChatError for none, a wrong, an expired or a replaced one."""
    if not token:
        raise WeChatError(41001)
    row = sandbox.store.row("SELECT * FROM token WHERE value = ? AND family != 'weibo'", token)
    if row is None:
        raise WeChatError(40001)
    now = sandbox.clock()
    if now >= row["issued_at"] + TOKEN_LIFE_S:
        raise WeChatError(42001)
    if row["replaced_at"] is not None and now >= row["replaced_at"] + TOKEN_OVERLAP_S:
        raise WeChatError(40001)
    account = sandbox.accounts.wechat(row["account"])
    if account is None:
        raise WeChatError(40001)
    return account


async def _files(request: web.Request) -> Files:
    try:
        form = await request.post()
    except (ValueError, LookupError):
        raise WeChatError(41005) from None
    return {name: value for name, value in form.items() if isinstance(value, web.FileField)}
