"""What happens around every request, from the outside in: it is logged, its problems are told, whoever
asks is found, and what is not let in is refused."""

from __future__ import annotations

import re
import time
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import Counter

from outreach.foundation.ids import new_id
from outreach.foundation.outages import Outage, outage_of
from outreach.foundation.problems import Forbidden, NotFound, Problem, Unauthenticated
from outreach.screening import service as screening
from outreach.screening.marks import noting_refusals
from outreach.web import body, csrf, keys, sessions
from outreach.web.forms import form_of
from outreach.web.kept import kept_of, may_be_kept
from outreach.web.metrics import measure, route_of
from outreach.web.pages import login
from outreach.web.problem_pages import API_PREFIX, BadRequest, Broken, problem_of, respond
from outreach.web.rendering import is_partial
from outreach.web.routes import Access, Route

KNOWN_ROUTES = web.AppKey("known_routes", dict[web.AbstractRoute, Route])
FAILURES: Final = Counter("outreach_web_failures_total", "Requests that failed for a reason nobody foresaw")

_log = structlog.get_logger("outreach.web")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SUBJECT: Final = re.compile(r"/(item|post|account)s/\{id\}")
_ID: Final = re.compile(r"[0-9A-Z]{26}")
_OPEN_BEFORE_PASSWORD_CHANGE: Final = frozenset({"/account", "/account/password", "/logout"})
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


@web.middleware
async def log_access(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request, with the id of what it is about: never its query, its body, a token or an address as
    it was typed, which may bear a file's name. The request's id is the proxy's where it sent one."""
    given = request.headers.get("X-Request-ID", "")
    request[keys.REQUEST_ID] = given if _REQUEST_ID.fullmatch(given) else new_id()
    begun = time.perf_counter()
    structlog.contextvars.clear_contextvars()  # the requests of a connection share one context
    structlog.contextvars.bind_contextvars(request_id=request[keys.REQUEST_ID], **_subject(request))
    response = await handler(request)
    person = request.get(keys.PERSON)
    _log.info(
        "request",
        method=request.method,
        route=route_of(request),
        status=response.status,
        ms=round((time.perf_counter() - begun) * 1000, 1),
        person=person.id if person else None,
    )
    return response


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever was raised into an answer in the user's language."""
    try:
        return await handler(request)
    except Problem as problem:
        return respond(request, _told(problem))
    except web.HTTPException as error:
        if error.status < 400:
            return web.Response(status=error.status, headers=error.headers)
        response = respond(request, problem_of(error))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except (web.RequestPayloadError, ConnectionResetError):
        response = respond(request, BadRequest("请求的内容不完整，或不能按它所说的编码解读。"))
        response.force_close()  # where the next request begins, nobody can tell
        return response
    except Exception as error:  # noqa: BLE001 - the outermost door: logged with its id, counted, told
        FAILURES.inc()
        _log.exception("request failed", method=request.method, route=route_of(request))
        told = f"系统出错了。请把编号 {request[keys.REQUEST_ID]} 告诉系统管理员。"
        return respond(request, _told(outage_of(error) or Broken(told)))


@web.middleware
async def note_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What bears a classification mark was refused somewhere inside: that it was tried is remembered, whether
    the form came back, a row of a file was left out or the API said 422."""
    with noting_refusals() as refusals:
        try:
            return await handler(request)
        finally:
            if refusals:
                async with keys.office_of(request).db.begin() as session:
                    await screening.record_refusals(session, keys.person_of(request), refusals)


def _told(problem: Problem) -> Problem:
    """An outage is the operator's to mend: the log has its particulars, a page has not."""
    if not isinstance(problem, Outage):
        return problem
    _log.warning("outage", reason=problem.detail)
    return problem.without_particulars()


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Finds who asks and lets in whom the route admits. No address bears NUL, which PostgreSQL refuses."""
    if "\x00" in request.path:
        raise NotFound("没有这个地址。")
    route = request.app[KNOWN_ROUTES].get(request.match_info.route)
    match route.access if route else _access_of_unknown(request):
        case Access.API:
            await sessions.load_bearer(request)
        case Access.PAGE:
            await _require_visit(request, route)
        case Access.PUBLIC if route is None:
            await sessions.load_visit(request)  # the page that says 404 keeps its navigation
    if route is not None and not route.takes_files:
        await body.require_moderate_body(request)
    led_elsewhere = await _led_elsewhere(request, route) if route and route.access is Access.PAGE else None
    return led_elsewhere or await handler(request)


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer. A handler that needs another content policy sets its own."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if keys.REQUEST_ID in request:
        response.headers["X-Request-ID"] = request[keys.REQUEST_ID]


ALL: Final = (measure, log_access, tell_problems, note_refusals, admit)


def _subject(request: web.Request) -> dict[str, str]:
    """What the address names, and its id, where it has the shape of one."""
    named, id_ = _SUBJECT.search(route_of(request)), request.match_info.get("id", "")
    return {named[1]: id_} if named and _ID.fullmatch(id_) else {}


def _access_of_unknown(request: web.Request) -> Access:
    return Access.API if request.path.startswith(API_PREFIX) else Access.PUBLIC


async def _require_visit(request: web.Request, route: Route | None) -> None:
    """Raises Unauthenticated where nobody is signed in, unless a form came whose content goes along."""
    if await sessions.load_visit(request) is None and not _keeps(request, route):
        raise Unauthenticated("请先登录。")


async def _led_elsewhere(request: web.Request, route: Route) -> web.Response | None:
    """What a visitor gets who has to do something else first; None where nothing stands in the way."""
    visit = request.get(keys.VISIT)
    if visit is None:
        return await login.sign_in_first(request)
    if visit.person.must_change_password and request.path not in _OPEN_BEFORE_PASSWORD_CHANGE:
        name = "HX-Redirect" if is_partial(request) else "Location"
        return web.Response(status=200 if name == "HX-Redirect" else 303, headers={name: "/account"})
    if request.method in csrf.SAFE_METHODS:
        return None
    csrf.require_own_origin(request)
    if await csrf.bears_token(request, visit):
        return None
    if not _keeps(request, route):
        raise Forbidden("页面已过期，请刷新后再试一次。")
    return login.send_again(request, kept_of(request, await form_of(request)), visit.csrf_token, status=403)


def _keeps(request: web.Request, route: Route | None) -> bool:
    return route is not None and route.keeps and may_be_kept(request)
