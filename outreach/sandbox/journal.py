"""Every API call passes here: it is struck by faults and written down, without secrets."""

from __future__ import annotations

import asyncio
import json
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
_API_PREFIXES: Final = ("/cgi-bin/", "/datacube/", "/sns/", "/connect/", *WEIBO_PREFIXES)
_FORMS: Final = {"multipart/form-data", "application/x-www-form-urlencoded"}
_SECRET: Final = {"access_token", "secret", "appsecret", "client_secret", "refresh_token"}


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


def listed(store: Store, after: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` calls after that id, oldest first."""
    rows = store.rows("SELECT * FROM request WHERE id > ? ORDER BY id LIMIT ?", after, limit)
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


async def _body(request: web.Request) -> Any:
    """What was sent, fit for the journal; parsed once here and kept by aiohttp for the handler."""
    raw = b"" if request.content_type == "multipart/form-data" else await request.read()
    if request.content_type not in _FORMS:
        return _parsed(raw)
    try:
        form = await request.post()
    except (ValueError, LookupError):
        return "(not a form)"
    return _without_secrets({name: _shown(value) for name, value in form.items()}) or _text(raw)


def _shown(value: str | bytes | bytearray | web.FileField) -> str:
    if isinstance(value, web.FileField):
        return f"({value.filename}, {value.content_type})"
    return value if isinstance(value, str) else f"({len(value)} bytes)"


def _parsed(raw: bytes) -> Any:
    """JSON as its value; what can't be told again, as the text that came."""
    text = _text(raw)
    try:
        value = json.loads(text, object_hook=_without_secrets)
        _json(value).encode()
    except (ValueError, RecursionError):
        return text
    return value


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _write_down(
    sandbox: Sandbox,
    request: web.Request,
    body: Any,
    response: web.StreamResponse | None,
    fault: Fault | None,
) -> None:
    answer = (
        _parsed(response.body)
        if isinstance(response, web.Response) and isinstance(response.body, bytes)
        else None
    )
    sandbox.store.run(
        "INSERT INTO request (at, method, path, query, body, status, answer, fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        sandbox.clock(),
        request.method,
        request.path,
        _json(_without_secrets(dict(request.query))),
        _json(body),
        response.status if response is not None else None,
        _json(answer),
        fault.action if fault else None,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    return {name: "***" if name in _SECRET else value for name, value in values.items()}
