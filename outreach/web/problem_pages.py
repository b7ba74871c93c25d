"""A problem as its reader needs it: a Chinese page, a message in the page, or RFC 9457 JSON."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from aiohttp import web

from outreach.foundation.problems import Forbidden, NotFound, Problem, Unauthenticated, UnsupportedType
from outreach.web import sessions
from outreach.web.body import too_large
from outreach.web.rendering import is_partial, render

API_PREFIX: Final = "/api/"
_dumps = partial(json.dumps, ensure_ascii=False)


class MethodNotAllowed(Problem):
    """The address exists, but not for this method."""

    status, code, title = 405, "method-not-allowed", "不支持的操作"


class BadRequest(Problem):
    """What came is no proper request."""

    status, code, title = 400, "bad-request", "请求有误"


class Broken(Problem):
    """Something that nobody foresaw; the log tells more under the id."""


def problem_of(error: web.HTTPException) -> Problem:
    """What aiohttp raised, as one of our problems."""
    match error.status:
        case 403:
            return Forbidden("没有权限。")
        case 404:
            return NotFound("没有这个页面。请检查网址，或从导航进入。")
        case 405:
            return MethodNotAllowed("这个地址不支持此操作。")
        case 413:
            return too_large()
        case 415:
            return UnsupportedType("不支持这种内容类型。")
        case _:
            return BadRequest("请求的格式不正确。")


def respond(request: web.Request, problem: Problem) -> web.Response:
    """The answer that tells `problem` to whoever asked."""
    if request.path.startswith(API_PREFIX):
        return _as_json(problem)
    if is_partial(request):
        return _as_message(request, problem)
    if problem.status == 401:
        return web.Response(status=303, headers={"Location": sessions.login_address(request)})
    return render(request, "errors/problem.html", {"problem": problem}, status=problem.status)


def as_document(problem: Problem) -> dict[str, Any]:
    """The RFC 9457 document; `type` is a relative reference that ends in the problem's code."""
    return {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [{"field": error.field, "message": error.message} for error in problem.errors],
    }


def _as_json(problem: Problem) -> web.Response:
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    return web.json_response(
        as_document(problem),
        status=problem.status,
        content_type="application/problem+json",
        headers=headers,
        dumps=_dumps,
    )


def _as_message(request: web.Request, problem: Problem) -> web.Response:
    """For htmx: it is shown above the page's content. Signed out leads to the login, but never away from a
    form that is being filled in."""
    if problem.status == 401 and request.method == "GET":
        return web.Response(status=401, headers={"HX-Redirect": "/login"})
    if problem.status == 401:
        problem = Unauthenticated("登录已过期。请接着填写，按“保存”后重新登录，内容不会丢失。")
    response = render(request, "errors/_message.html", {"problem": problem}, status=problem.status)
    response.headers["HX-Retarget"] = "#messages"
    # Whoever is typing is not torn away from their line.
    response.headers["HX-Reswap"] = "innerHTML" if problem.status == 401 else "innerHTML show:window:top"
    return response
