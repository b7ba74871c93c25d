"""GET /healthz."""

from __future__ import annotations

from aiohttp import web


async def healthz(request: web.Request) -> web.Response:
    """The process is alive and answers."""
    return web.Response(text="ok\n")
