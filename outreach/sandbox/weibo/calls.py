"""One Weibo call: whose it is, what was sent, and Weibo's kind of answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from outreach.sandbox import clock
from outreach.sandbox.accounts import WeiboAccount
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.weibo.errors import WeiboError, answer

# The life of a token that an app's own developer authorised; get_token_info's sample says the same.
TOKEN_LIFE_S: Final = 157_679_999


@dataclass(frozen=True, slots=True)
class Call:
    """A call that an endpoint answers; `values` are the fields of query and form, `origin` this host, `address` the
    caller's."""

    sandbox: Sandbox
    account: WeiboAccount
    origin: str
    values: Mapping[str, str]
    files: Mapping[str, web.FileField]
    address: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path of the API with its method and what answers it."""

    method: str
    answer: Callable[[Call], Mapping[str, Any] | list[Mapping[str, Any]]]


async def respond(request: web.Request, endpoints: Mapping[str, Endpoint]) -> web.Response:
    """Answers a call of `endpoints`; whatever is wrong with it comes as HTTP 400, 403 or 404."""
    endpoint = endpoints.get(request.path)
    if endpoint is None:
        raise WeiboError(10020)
    if request.method != endpoint.method:
        raise WeiboError(10021)
    call = await _call(request)
    _count(call)
    return answer(endpoint.answer(call))


async def sent(request: web.Request) -> tuple[dict[str, str], dict[str, web.FileField]]:
    """The texts of query and form, and the files."""
    try:
        form = await request.post()
    except (ValueError, LookupError):
        raise WeiboError(10008) from None
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    files = {name: value for name, value in form.items() if isinstance(value, web.FileField)}
    return dict(request.query) | texts, files


def holder(sandbox: Sandbox, token: str) -> tuple[WeiboAccount, float]:
    """Whose token it is, and since when. Raises WeiboError for a strange, a revoked and an expired one."""
    row = sandbox.store.row("SELECT * FROM token WHERE value = ? AND family = 'weibo'", token)
    account = sandbox.accounts.find(row["account"]) if row else None
    if row is None or not isinstance(account, WeiboAccount):
        raise WeiboError(21332)
    if row["replaced_at"] is not None:
        raise WeiboError(21316)
    if sandbox.clock() >= row["issued_at"] + TOKEN_LIFE_S:
        raise WeiboError(21327)
    return account, row["issued_at"]


async def _call(request: web.Request) -> Call:
    sandbox = request.app[SANDBOX]
    values, files = await sent(request)
    header = request.headers.get("Authorization", "")
    token = values.get("access_token") or header.removeprefix("OAuth2 ").strip()
    if not token:
        raise WeiboError(10006)
    account, _ = holder(sandbox, token)
    return Call(sandbox, account, str(request.url.origin()), values, files, request.remote or "")


def _count(call: Call) -> None:
    store, now, limits = call.sandbox.store, call.sandbox.clock(), call.account.limits
    from_address = store.count_use(call.address, "weibo", clock.hour(now))
    if from_address > limits["calls_per_hour_per_ip"]:
        raise WeiboError(10022)
    if store.count_use(call.account.uid, "calls", clock.day(now)) > limits["calls_per_day"]:
        raise WeiboError(10023)
