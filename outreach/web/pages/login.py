"""/login, /logout and / (which leads to what waits)."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation import office_settings
from outreach.people import sign_in as people
from outreach.web import csrf, keys, sessions
from outreach.web.forms import form_of
from outreach.web.kept import Kept, kept_in, kept_of
from outreach.web.rendering import render, see_other


async def home(request: web.Request) -> web.Response:
    """GET /"""
    return see_other("/queue")


async def show(request: web.Request) -> web.Response:
    """GET /login"""
    if await sessions.load_visit(request):
        return see_other(sessions.local_path(request.query.get("next", "/")))
    return await _page(request, name="", target=request.query.get("next", "/"))


async def sign_in(request: web.Request) -> web.Response:
    """POST /login"""
    csrf.require_own_origin(request)
    form = await form_of(request)
    name, target, kept = form.text("name"), sessions.local_path(form.text("next")), kept_in(form)

    signed_in = await _try(request, name, form.raw("password"))
    if signed_in is None:
        return await _page(request, name=name, target=target, kept=kept, problem=people.refused())
    response = send_again(request, kept, signed_in.csrf_token) if kept else see_other(target)
    sessions.set_cookie(request, response, signed_in.cookie)
    return response


async def sign_in_first(request: web.Request) -> web.Response:
    """What follows a form whose session has ended: the login, which takes along what was typed."""
    kept = kept_of(request, await form_of(request))
    return await _page(request, name="", target="/", kept=kept, status=401)


def send_again(request: web.Request, kept: Kept, csrf_token: str, status: int = 200) -> web.Response:
    """Asks whether what was typed under another session shall be sent now."""
    context = {"kept": kept, "csrf_token": csrf_token, "told": dict(kept.fields)}
    return render(request, "login/send_again.html", context, status=status)


async def sign_out(request: web.Request) -> web.Response:
    """POST /logout"""
    visit = keys.visit_of(request)
    async with keys.office_of(request).db.begin() as session:
        await people.sign_out(session, visit.person, visit.session_hash)
    response = see_other("/login", notice="signed-out")
    response.del_cookie(sessions.COOKIE, path="/")
    return response


async def _try(request: web.Request, name: str, password: str) -> people.SignedIn | None:
    db = keys.office_of(request).db
    async with db.read() as session:
        login = await people.find_login(session, name)
        settings = await office_settings.load(session)
    matches = await request.app[keys.PASSWORDS].matches(login.password_hash, password)
    async with db.begin() as session:
        return await people.record_login(session, login, matches=matches, idle_minutes=settings.idle_minutes)


async def _page(
    request: web.Request,
    *,
    name: str,
    target: str,
    kept: Kept | None = None,
    problem: people.WrongLogin | None = None,
    status: int = 200,
) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        settings = await office_settings.load(session)
    context = {"name": name, "target": target, "kept": kept, "problem": problem, "bureau": settings.bureau}
    return render(request, "login/login.html", context, status=problem.status if problem else status)
