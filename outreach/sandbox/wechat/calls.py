"""One WeChat call: from the request to what an endpoint works on, and back to WeChat's kind of answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from outreach.sandbox import clock
from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.reading import NotAnObjectError, json_object
from outreach.sandbox.store import Store
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
    endpoints: Mapping[str, Endpoint]
    query: Mapping[str, str]
    json: Mapping[str, Any]
    form: Mapping[str, str]
    files: Files

    @property
    def store(self) -> Store:
        """What the sandbox remembers."""
        return self.sandbox.store

    @property
    def appid(self) -> str:
        """The account that calls."""
        return self.account.appid

    @property
    def now(self) -> float:
        """The sandbox's time, POSIX seconds."""
        return self.sandbox.clock()

    def text(self, name: str, missing: int) -> str:
        """A text of the JSON body. Raises WeChatError with the code `missing` where there is none."""
        value = self.json.get(name)
        if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            raise WeChatError(missing)
        return str(value)

    def number(
        self, name: str, lowest: int, highest: int, default: int | None = None, *, wrong: int = 40035
    ) -> int:
        """A whole number of the JSON body. Raises WeChatError (`wrong`) where it is none or out of range."""
        value = self.json.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise WeChatError(wrong)
        return value


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON: a file."""

    content: bytes
    content_type: str
    name: str


def anyone(_: WeChatAccount) -> bool:
    """The right of a call that every account has."""
    return True


def verified(account: WeChatAccount) -> bool:
    """The right of a call that only verified (认证) accounts have."""
    return account.verified


def verified_service(account: WeChatAccount) -> bool:
    """The right of a call that only verified service accounts (服务号) have."""
    return account.verified and account.type == "service"


def verified_or_service(account: WeChatAccount) -> bool:
    """The right of a call that unverified subscription accounts lack."""
    return account.verified or account.type == "service"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path of the API: its method, what answers it, whose it is, and which limit a minute it counts against."""

    method: str
    answer: Callable[[Call], Mapping[str, Any] | File]
    right: Callable[[WeChatAccount], bool] = anyone
    plain_text: bool = False
    per_minute: str | None = None


OK: Final[Mapping[str, Any]] = {"errcode": 0, "errmsg": "ok"}


async def respond(request: web.Request, endpoints: Mapping[str, Endpoint]) -> web.Response:
    """Answers a call of `endpoints`; whatever is wrong with it comes as an error code in HTTP 200."""
    endpoint = endpoint_of(request, endpoints)
    call = await _call(request, endpoints)
    count(call.sandbox, call.account, request.path)
    if endpoint.per_minute:
        count_minute(call.sandbox, call.account, endpoint.per_minute)
    if not endpoint.right(call.account):
        raise WeChatError(48001)
    body = endpoint.answer(call)
    if isinstance(body, File):
        return _file(body)
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


def count_minute(sandbox: Sandbox, account: WeChatAccount, limit: str) -> None:
    """Counts the call against the account's limit of that name for a minute. Raises WeChatError (45011)."""
    if sandbox.store.count_use(account.appid, limit, clock.minute(sandbox.clock())) > account.limits[limit]:
        raise WeChatError(45011)


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


async def _call(request: web.Request, endpoints: Mapping[str, Endpoint]) -> Call:
    sandbox = request.app[SANDBOX]
    account = _account(sandbox, request.query.get("access_token", ""))
    check_ip(account, request)
    multipart = request.content_type == "multipart/form-data"
    form, files = await _form(request) if multipart else ({}, {})
    return Call(
        sandbox,
        account,
        str(request.url.origin()),
        endpoints,
        request.query,
        {} if multipart or request.method == "GET" else await json_body(request),
        form,
        files,
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


async def _form(request: web.Request) -> tuple[Mapping[str, str], Files]:
    try:
        form = await request.post()
    except (ValueError, LookupError):
        raise WeChatError(41005) from None
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    return texts, {name: value for name, value in form.items() if isinstance(value, web.FileField)}


def _file(body: File) -> web.Response:
    disposition = f"attachment; filename={quote(body.name)}"
    return web.Response(
        body=body.content, content_type=body.content_type, headers={"Content-Disposition": disposition}
    )
