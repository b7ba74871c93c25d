"""Every API call passes here: it is struck by faults and written down, without secrets."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from outreach.sandbox import faults
from outreach.sandbox.context import SANDBOX, Sandbox
from outreach.sandbox.faults import Fault
from outreach.sandbox.store import Store
from outreach.sandbox.wechat.errors import WeChatError
from outreach.sandbox.weibo.errors import DONE_BUT_SLOW, WeiboError

log = logging.getLogger(__name__)

_DISK_FULL: Final = "磁盘已满，模拟平台不能工作。请清理磁盘或扩容。"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WEIBO_PREFIXES: Final = ("/oauth2/", "/2/")
_API_PREFIXES: Final = ("/cgi-bin/", "/wxaapi/", "/datacube/", "/sns/", "/connect/", *WEIBO_PREFIXES)
_FORMS: Final = {"multipart/form-data", "application/x-www-form-urlencoded"}
_TEXTS: Final = ("application/json", "text/")
_SECRET: Final = ("access_token", "secret", "appsecret", "client_secret", "refresh_token")
_SUSPICIOUS: Final = re.compile(rf'"(?:{"|".join(_SECRET)})"|\\u')


@web.middleware
async def journal(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets one API call through, or the fault that waits for its path. On a full disk nothing works: 503."""
    try:
        return await _journal(request, handler)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        log.warning(_DISK_FULL)
        return web.Response(status=503, text=_DISK_FULL)


async def _journal(request: web.Request, handler: Handler) -> web.StreamResponse:
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


async def _body(request: web.Request) -> str:
    """What was sent, as JSON fit for the journal; aiohttp keeps it for the handler."""
    raw = b"" if request.content_type == "multipart/form-data" else await request.read()
    if request.content_type not in _FORMS:
        return _kept(raw)
    try:
        form = await request.post()
    except (ValueError, LookupError):
        return _json("(not a form)")
    return _json(_without_secrets({name: _shown(value) for name, value in form.items()}) or _text(raw))


def _shown(value: str | bytes | bytearray | web.FileField) -> str:
    if isinstance(value, web.FileField):
        return f"({value.filename}, {value.content_type})"
    return value if isinstance(value, str) else f"({len(value)} bytes)"


def _kept(raw: bytes) -> str:
    """The text as JSON: as it came where it is JSON without secrets, which nearly all is."""
    text = _text(raw)
    try:
        if _SUSPICIOUS.search(text):
            return _json(json.loads(text, object_hook=_without_secrets))
        json.loads(text)
    except (ValueError, RecursionError):
        return _json(text)
    return text


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


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
        _json(_without_secrets(dict(request.query))),
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
    """Half characters, which no text may hold, are replaced."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    return {name: "***" if name in _SECRET else value for name, value in values.items()}
