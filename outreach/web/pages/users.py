"""/users: who works here and what they may do (administrators)."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from outreach.foundation.problems import InvalidContent, invalid
from outreach.people import deputies, queries, service
from outreach.people.model import Person, Role, Section
from outreach.people.rules import Act, require
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.deputies import absence_in, view_deputies
from outreach.web.rendering import render, see_other


async def show_all(request: web.Request) -> web.Response:
    """GET /users"""
    require(keys.person_of(request), Act.ADMINISTER)
    async with keys.office_of(request).db.read() as session:
        everyone, sections = await queries.people(session), await queries.sections(session)
    names = {section.id: section.name for section in sections}
    return render(request, "users/list.html", {"people": everyone, "section_names": names})


async def show_new(request: web.Request) -> web.Response:
    """GET /users/new"""
    require(keys.person_of(request), Act.ADMINISTER)
    return await _new_page(request, Form({}))


async def add(request: web.Request) -> web.Response:
    """POST /users/new: the one-time password is on this answer's page and nowhere else."""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            person, one_time = await service.add_person(
                session,
                by,
                form.text("name"),
                _roles(form),
                form.texts("sections"),
                passwords=request.app[keys.PASSWORDS],
            )
    except InvalidContent as problem:
        return await _new_page(request, form, problem)
    return render(request, "users/one_time_password.html", {"subject": person, "password": one_time})


async def show_one(request: web.Request) -> web.Response:
    """GET /users/{id}"""
    require(keys.person_of(request), Act.ADMINISTER)
    return await _change_page(request)


async def change(request: web.Request) -> web.Response:
    """POST /users/{id}"""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await service.change_person(
                session,
                by,
                await queries.person(session, request.match_info["id"]),
                roles=_roles(form),
                section_names=form.texts("sections"),
                disabled=form.is_ticked("disabled"),
            )
    except InvalidContent as problem:
        return await _change_page(request, form, problem)
    return see_other("/users", notice="saved")


async def reset_password(request: web.Request) -> web.Response:
    """POST /users/{id}/password: as with a new user, the password is shown once."""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    async with keys.office_of(request).db.begin() as session:
        person = await queries.person(session, request.match_info["id"])
        one_time = await service.reset_password(session, by, person, passwords=request.app[keys.PASSWORDS])
    return render(request, "users/one_time_password.html", {"subject": person, "password": one_time})


async def name_deputy(request: web.Request) -> web.Response:
    """POST /users/{id}/deputies: for somebody who is away and did not do it."""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            absent = await queries.person(session, request.match_info["id"])
            await deputies.name_deputy(session, by, absent, absence_in(form))
    except InvalidContent as problem:
        return await _change_page(request, problem=problem, absence=form)
    return see_other(f"/users/{absent.id}", notice="deputy-named")


async def revoke_deputy(request: web.Request) -> web.Response:
    """POST /users/{id}/deputies/{deputy}/revoke"""
    by = keys.person_of(request)
    require(by, Act.ADMINISTER)
    async with keys.office_of(request).db.begin() as session:
        absent = await queries.person(session, request.match_info["id"])
        await deputies.revoke_deputy(session, by, absent, request.match_info["deputy"])
    return see_other(f"/users/{absent.id}", notice="deputy-revoked")


async def _new_page(request: web.Request, form: Form, problem: InvalidContent | None = None) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        sections = await queries.sections(session)
    context = {
        "name": form.text("name"),
        "roles": form.texts("roles"),
        "chosen": form.texts("sections"),
        "sections": sections,
        "errors": messages(problem),
    }
    return render(request, "users/new.html", context, status=problem.status if problem else 200)


async def _change_page(
    request: web.Request,
    form: Form | None = None,
    problem: InvalidContent | None = None,
    absence: Form | None = None,
) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        person = await queries.person(session, request.match_info["id"])
        standing = await view_deputies(session, person, absence)
        sections = await queries.sections(session)
    context = {
        "subject": person,
        "standing": standing,
        "roles": form.texts("roles") if form else [role.value for role in person.roles],
        "chosen": form.texts("sections") if form else _section_names(person, sections),
        "disabled": form.is_ticked("disabled") if form else person.disabled,
        "sections": sections,
        "errors": messages(problem),
    }
    return render(request, "users/change.html", context, status=problem.status if problem else 200)


def _section_names(person: Person, sections: Sequence[Section]) -> list[str]:
    own = {row.section_id for row in person.section_rows}
    return [section.name for section in sections if section.id in own]


def _roles(form: Form) -> list[Role]:
    try:
        return [Role(value) for value in form.texts("roles")]
    except ValueError as error:
        raise invalid("roles", "没有这个角色。") from error
