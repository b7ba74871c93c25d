"""No other site can act through a browser that is signed in."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from outreach.foundation.addresses import parts_of
from outreach.foundation.problems import Forbidden
from outreach.foundation.seal import same
from outreach.web import keys

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADER: Final = "X-CSRF-Token"
FIELD: Final = "csrf_token"


def require_own_origin(request: web.Request) -> None:
    """Raises Forbidden where the browser says that another site sent the request. What is no browser
    says nothing and passes: it carries nobody's cookies."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin is not None and not _is_own(request, origin)):
        raise Forbidden("此操作不是从本系统的页面发出的，已被拒绝。")


def says_own_origin(request: web.Request) -> bool:
    """Whether the browser says that a page of this service sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    return site in (None, "same-origin") and (_is_own(request, origin) if origin else site is not None)


async def bears_token(request: web.Request, visit: keys.Visit) -> bool:
    """Whether the request bears the session's token, in a header or a form's field."""
    typed = request.headers.get(_HEADER)
    if typed is None:
        field = (await request.post()).get(FIELD)
        typed = field if isinstance(field, str) else ""
    return same(typed, visit.csrf_token)


def _is_own(request: web.Request, origin: str) -> bool:
    public_url = keys.office_of(request).settings.public_url
    parts = parts_of(origin)
    return origin == _origin_of(public_url) or (parts is not None and parts.netloc == request.host)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
