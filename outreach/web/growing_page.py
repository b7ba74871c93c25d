"""A page that is sent piece by piece, while what it tells of is still going on.

Plain HTML does it: a browser shows what it has of a page. No script asks again and again, nothing is remembered
between requests, and whoever closes the page or follows a link away from it stops what it told of.
"""

from __future__ import annotations

from typing import Final, Self

from aiohttp import web

_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx passes each piece on at once
}


class GrowingPage:
    """The answer to `request`, in pieces. It begins with the first of them. To be used in an `async with`: a page that
    was begun and not ended is cut off, so that nothing else is taken for its rest."""

    def __init__(self, request: web.Request) -> None:
        self.response = web.StreamResponse(headers=_HEADERS)
        self._request = request
        self._has_ended = False

    async def add(self, html: str) -> None:
        """Sends a piece. Raises ConnectionResetError where the browser has gone."""
        if not self.response.prepared:
            await self.response.prepare(self._request)
        await self.response.write(html.encode())

    async def end(self, html: str) -> web.StreamResponse:
        """Sends the last piece, and gives the whole answer."""
        await self.add(html)
        await self.response.write_eof()
        self._has_ended = True
        return self.response

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.response.prepared and not self._has_ended and self._request.transport is not None:
            self._request.transport.close()
