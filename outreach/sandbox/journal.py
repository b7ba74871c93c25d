"""Every API call passes here: it is struck by faults and written down, without secrets."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from outreach.sandbox import faults
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.faults import Fault
from outreach.sandbox.store import Store
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.weibo.errors import DONE_BUT_SLOW, WeiboError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WEIBO_PREFIXES: Final = ("/oauth2/", "/2/")
_API_PREFIXES: Final = ("/cgi-bin/", "/wxaapi/", "/datacube/", "/sns/", "/connect/", *WEIBO_PREFIXES)
_TEXTS: Final = ("application/json", "text/")
_SECRET: Final = ("access_token", "secret", "appsecret", "client_secret", "refresh_token")
_SUSPICIOUS: Final = re.compile(rf'"(?:{"|".join(_SECRET)})"|\\u')


@web.middleware
async def journal(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets one API call through, or the fault that waits for its path."""
    if not request.path.startswith(_API_PREFIXES):
        return await handler(request)
    sandbox = request.app[SANDBOX]
    body = await _body(request)
    fault = faults.next_strike(sandbox.store, request.path)
    response = await _answer(request, handler, fault)
    _write_down(sandbox, request, body, response, fault)
    return response if response is not None else _cut(request)


def listed(store: Store, after: int, limit: int | None) -> list[dict[str, Any]]:
    """The calls after that id, oldest first."""
    rows = store.rows(
        "SELECT * FROM request WHERE id > ? ORDER BY id LIMIT ?", after, -1 if limit is None else limit
    )
    return [dict(row) | {name: json.loads(row[name]) for name in ("query", "body", "answer")} for row in rows]


async def _answer(request: web.Request, handler: Handler, fault: Fault | None) -> web.StreamResponse | None:
    """The answer to give; None where the connection is to be cut."""
    if fault is None:
        return await _handled(request, handler)
    if fault.action == "drop_before":
        return None
    if fault.action == "http":
        return web.Response(
            status=int(fault.value or 502), text="<html><h1>Bad Gateway</h1></html>", content_type="text/html"
        )
    if fault.action == "errcode":
        if fault.value == DONE_BUT_SLOW:
            await _handled(request, handler)
        return _platform_error(request, int(fault.value or 0))
    response = await _handled(request, handler)
    if fault.action == "drop_after":
        return None
    await asyncio.sleep(fault.value or 0)
    return response


async def _handled(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except WeChatError as error:
        return error.response()
    except WeiboError as error:
        return error.response(request.path)


def _platform_error(request: web.Request, code: int) -> web.Response:
    if request.path.startswith(WEIBO_PREFIXES):
        return WeiboError(code).response(request.path)
    return WeChatError(code).response()


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _body(request: web.Request) -> str:
    """What was sent, as JSON fit for the journal; aiohttp keeps it for the handler."""
    if request.content_type == "multipart/form-data":
        try:
            form = await request.post()
        except ValueError:
            return _json("(not multipart)")
        return _json({name: _shown(value) for name, value in form.items()})
    raw = await request.read()
    if request.content_type == "application/x-www-form-urlencoded":
        return _json(dict(await request.post()) or raw.decode("utf-8", "replace"))
    return _kept(raw)


def _shown(value: str | bytes | bytearray | web.FileField) -> str:
    if isinstance(value, web.FileField):
        return f"({value.filename}, {value.content_type})"
    return value if isinstance(value, str) else f"({len(value)} bytes)"


def _kept(raw: bytes) -> str:
    """The text as JSON: as it came where it is JSON without secrets, which nearly all is."""
    text = raw.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        return _json(text)
    return _json(value) if _SUSPICIOUS.search(text) else text


def _write_down(
    sandbox: Sandbox,
    request: web.Request,
    body: str,
    response: web.StreamResponse | None,
    fault: Fault | None,
) -> None:
    sandbox.store.run(
        "INSERT INTO request (at, method, path, query, body, status, answer, fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        sandbox.clock(),
        request.method,
        request.path,
        _json(dict(request.query)),
        body,
        response.status if response is not None else None,
        _answered(response),
        fault.action if fault else None,
    )


def _answered(response: web.StreamResponse | None) -> str:
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return _json(None)
    if response.content_type.startswith(_TEXTS):
        return _kept(response.body)
    return _json(f"({response.content_type}, {len(response.body)} bytes)")


def _json(value: Any) -> str:
    """JSON without secrets; half characters, which no text may hold, are replaced."""
    return json.dumps(_masked(value), ensure_ascii=False).encode("utf-8", "replace").decode()


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "***" if name in _SECRET else _masked(each) for name, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value
