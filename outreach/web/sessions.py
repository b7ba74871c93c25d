"""Who asks: a browser by its session's cookie, a program by its bearer token."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from outreach.foundation.addresses import parts_of
from outreach.foundation.problems import Unauthenticated
from outreach.people import service, sign_in
from outreach.web import keys

COOKIE: Final = "outreach_session"


async def load_visit(request: web.Request) -> keys.Visit | None:
    """The signed-in browser behind the request, whose use is noted; None where nobody is signed in."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    db = keys.office_of(request).db
    found = await db.read_together(sign_in.visits_of, cookie)
    if found is None:
        return None
    if not sign_in.is_seen_lately(found):
        async with db.begin() as session:
            await sign_in.note_seen(session, found.id_hash)
    visit = keys.Visit(found.person, found.id_hash, found.csrf_token, found.settings)
    request[keys.VISIT], request[keys.PERSON] = visit, found.person
    return visit


async def load_bearer(request: web.Request) -> None:
    """Finds whom the bearer token acts as. Raises Unauthenticated; a browser's session doesn't count."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("请在 Authorization 头中给出令牌：Bearer TOKEN。")
    person = await keys.office_of(request).db.read_together(service.people_of_tokens, token.strip())
    if person is None:
        raise Unauthenticated("令牌无效，或其用户已停用。")
    request[keys.PERSON] = person


def set_cookie(request: web.Request, response: web.Response, value: str) -> None:
    """Gives the browser its session: unreadable for scripts, never sent along from other sites' forms."""
    is_https = keys.office_of(request).settings.public_url.startswith("https://")
    response.set_cookie(COOKIE, value, httponly=True, samesite="Lax", secure=is_https, path="/")


def login_address(request: web.Request) -> str:
    """Where somebody who must sign in first is led, and back from there: to the page that was asked for, or
    to the one on which a button was pressed."""
    target = request.path_qs if request.method == "GET" else _page_before(request)
    return f"/login?next={quote(target, safe='/')}" if target not in ("", "/") else "/login"


def _page_before(request: web.Request) -> str:
    parts = parts_of(request.headers.get("Referer", ""))
    return local_path(parts.path) if parts is not None and parts.netloc == request.host else ""


def local_path(target: str) -> str:
    """`target` where it is a path of this service, else `/`: nobody is led elsewhere by a link."""
    parts = parts_of(target)
    is_local = (
        parts is not None
        and target.startswith("/")
        and not target.startswith("//")
        and not parts.netloc
        and "\\" not in target
        and target.isprintable()
    )
    return target if is_local else "/"
