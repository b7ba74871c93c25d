"""/account: one's own password, bearer tokens, and who stands in while one is away."""

from __future__ import annotations

from aiohttp import web

from outreach.foundation.problems import InvalidContent, Problem, StaleState, invalid
from outreach.people import deputies, queries, service
from outreach.people.passwords import require_good_password
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.deputies import absence_in, view_deputies
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /account"""
    return await _page(request)


async def change_password(request: web.Request) -> web.Response:
    """POST /account/password"""
    visit = keys.visit_of(request)
    try:
        new_hash = await _checked_hash(request, await form_of(request))
        async with keys.office_of(request).db.begin() as session:
            await service.change_password(session, visit.person, new_hash, keep=visit.session_hash)
    except StaleState:
        raise
    except Problem as problem:
        return await _page(request, problem)
    return see_other("/queue" if visit.person.must_change_password else "/account", notice="password-changed")


async def issue_token(request: web.Request) -> web.Response:
    """POST /account/tokens: the token is on this answer's page and nowhere else."""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        token = await service.issue_token(session, person, person)
    return await _page(request, token=token)


async def revoke_tokens(request: web.Request) -> web.Response:
    """POST /account/tokens/revoke"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        await service.revoke_tokens(session, person, person)
    return see_other("/account", notice="tokens-revoked")


async def name_deputy(request: web.Request) -> web.Response:
    """POST /account/deputies"""
    person, form = keys.person_of(request), await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await deputies.name_deputy(session, person, person, absence_in(form))
    except InvalidContent as problem:
        return await _page(request, problem, absence=form)
    return see_other("/account", notice="deputy-named")


async def revoke_deputy(request: web.Request) -> web.Response:
    """POST /account/deputies/{deputy}/revoke"""
    person = keys.person_of(request)
    async with keys.office_of(request).db.begin() as session:
        await deputies.revoke_deputy(session, person, person, request.match_info["deputy"])
    return see_other("/account", notice="deputy-revoked")


async def _checked_hash(request: web.Request, form: Form) -> str:
    """The hash of the new password, once everything that was typed is right."""
    person, passwords = keys.person_of(request), request.app[keys.PASSWORDS]
    old, new = form.raw("old"), form.raw("new")
    if not await passwords.matches(person.password_hash, old):
        raise invalid("old", "当前密码不正确。")
    require_good_password(person.name, old, new)
    if form.raw("again") != new:
        raise invalid("again", "两次输入的新密码不一致。")
    return await passwords.hash(new)


async def _page(
    request: web.Request,
    problem: Problem | None = None,
    token: str | None = None,
    absence: Form | None = None,
) -> web.Response:
    person = keys.person_of(request)
    async with keys.office_of(request).db.read() as session:
        standing = await view_deputies(session, person, absence)
        tokens = await queries.count_tokens(session, person.id)
        names = {section.id: section.name for section in await queries.sections(session)}
    context = {
        "errors": messages(problem),
        "token": token,
        "tokens": tokens,
        "standing": standing,
        "section_names": [names[row.section_id] for row in person.section_rows],
    }
    return render(request, "account/account.html", context, status=problem.status if problem else 200)
