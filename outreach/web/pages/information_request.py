"""/statistics/requests/{id}: one request for information, from its registration to its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from outreach.catalogue.queries import entered_holidays
from outreach.foundation.problems import InvalidContent, NotFound, NotPossible, Problem
from outreach.office.erase_applicant import erase_applicant
from outreach.people.rules import Act, may, require
from outreach.statistics.registers.fields import RegisterField
from outreach.statistics.requests import service
from outreach.statistics.requests.ledger import SEALED
from outreach.statistics.requests.model import (
    InformationRequest,
    RequestAct,
    RequestState,
    RequestStep,
    Result,
)
from outreach.statistics.requests.queries import get_request, steps_of, taken, with_clocks
from outreach.statistics.requests.rules import (
    ACT_LABELS,
    ONCE,
    RESULT_LABELS,
    RESULTS,
    TRANSITIONS,
    due_when_answered,
    oddities,
)
from outreach.statistics.requests.typed import REGISTRATION, STEPS
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.information_requests import HERE, LABELS
from outreach.web.rendering import render, see_other


async def show_new(request: web.Request) -> web.Response:
    """GET /statistics/requests/new"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    return _form(request, {}, None)


async def register(request: web.Request) -> web.Response:
    """POST /statistics/requests/new"""
    office, by = keys.office_of(request), keys.person_of(request)
    require(by, Act.KEEP_FIGURES)
    typed = _typed(await form_of(request), REGISTRATION)
    try:
        async with office.db.begin() as session:
            made = await service.register_request(session, office.sealer, by, typed)
    except (InvalidContent, NotPossible) as problem:
        return _form(request, typed, None, problem=problem)
    return see_other(f"{HERE}/{made.id}", notice="saved")


async def show(request: web.Request) -> web.Response:
    """GET /statistics/requests/{id}"""
    return await _page(request)


async def show_change(request: web.Request) -> web.Response:
    """GET /statistics/requests/{id}/change"""
    require(keys.person_of(request), Act.KEEP_FIGURES)
    async with keys.office_of(request).db.read() as session:
        found = await get_request(session, request.match_info["id"])
    service.require_words(found)
    opened = keys.office_of(request).sealer.open(found.sealed)
    typed = {
        "received_on": found.received_on.isoformat(),
        "way": found.way.value,
        "applicant": found.applicant.value,
        **{name: str(opened[name]) for name in SEALED},
    }
    return _form(request, typed, found)


async def change(request: web.Request) -> web.Response:
    """POST /statistics/requests/{id}/change: `version` is the one that was read."""
    office, by, request_id = keys.office_of(request), keys.person_of(request), request.match_info["id"]
    require(by, Act.KEEP_FIGURES)
    form = await form_of(request)
    typed = _typed(form, REGISTRATION)
    async with office.db.read() as session:
        found = await get_request(session, request_id)
    try:
        async with office.db.begin() as session:
            await service.change_request(
                session, office.sealer, request_id, by, typed, version=_version(form)
            )
    except (InvalidContent, NotPossible) as problem:
        return _form(request, typed, found, version=_version(form), problem=problem)
    return see_other(f"{HERE}/{request_id}", notice="saved")


async def take_step(request: web.Request) -> web.Response:
    """POST /statistics/requests/{id}/steps/{act}"""
    by, request_id, form = keys.person_of(request), request.match_info["id"], await form_of(request)
    act = _act(request)
    typed = _typed(form, STEPS[act])
    try:
        async with keys.office_of(request).db.begin() as session:
            await service.take_step(session, request_id, by, act, typed, version=_version(form))
    except (InvalidContent, NotPossible) as problem:
        return await _page(request, act=act, typed=typed, problem=problem)
    return see_other(f"{HERE}/{request_id}", notice="saved")


async def undo(request: web.Request) -> web.Response:
    """POST /statistics/requests/{id}/undo: the last step was entered by mistake."""
    by, request_id, form = keys.person_of(request), request.match_info["id"], await form_of(request)
    async with keys.office_of(request).db.begin() as session:
        await service.undo_step(session, request_id, by, version=_version(form))
    return see_other(f"{HERE}/{request_id}", notice="step-undone")


async def remove(request: web.Request) -> web.Response:
    """POST /statistics/requests/{id}/remove: it was registered by mistake."""
    by, request_id, form = keys.person_of(request), request.match_info["id"], await form_of(request)
    async with keys.office_of(request).db.begin() as session:
        await service.remove_request(session, request_id, by, version=_version(form))
    return see_other(HERE, notice="entry-removed")


async def erase(request: web.Request) -> web.Response:
    """POST /statistics/requests/{id}/erase: who asked and what is deleted; `sure` is ticked."""
    by, request_id, form = keys.person_of(request), request.match_info["id"], await form_of(request)
    if not form.is_ticked("sure"):
        return await _page(request, problem=NotPossible("没有删除。请核对保存期，勾选“确定删除”后再试。"))
    left = await erase_applicant(keys.office_of(request), request_id, by, version=_version(form))
    return see_other(
        f"{HERE}/{request_id}", notice="applicant-erased-space-left" if left else "applicant-erased"
    )


async def _page(
    request: web.Request,
    *,
    act: RequestAct | None = None,
    typed: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> web.Response:
    office, person = keys.office_of(request), keys.person_of(request)
    async with office.db.read() as session:
        found = await get_request(session, request.match_info["id"])
        steps = (await steps_of(session, [found.id]))[found.id]
        (timed,) = await with_clocks(session, [found])
        entered = await entered_holidays(session)
    may_keep = may(person, Act.KEEP_FIGURES)
    acts = _acts(found, steps) if may_keep else []
    chosen = RequestAct(request.query["act"]) if request.query.get("act") in set(RequestAct) else None
    context: dict[str, Any] = {
        **LABELS,
        "ACT_LABELS": ACT_LABELS,
        "found": found,
        "timed": timed,
        "steps": steps,
        "was_due": due_when_answered(found.received_on, taken(steps), entered) if found.answered_on else None,
        "oddities": oddities(found.received_on, taken(steps), entered),
        "opened": office.sealer.open(found.sealed) if may_keep and found.sealed else None,
        "acts": acts,
        "act": act or (chosen if chosen in acts else (acts[0] if acts else None)),
        "fields": STEPS,
        "results": [(one.value, RESULT_LABELS[one]) for one in Result if one in RESULTS[found.state]],
        "typed": typed or {},
        "may_keep": may_keep,
        "problem": problem,
        "errors": messages(problem),
    }
    return render(
        request, "statistics/requests/request.html", context, status=problem.status if problem else 200
    )


def _acts(found: InformationRequest, steps: Sequence[RequestStep]) -> list[RequestAct]:
    """What can be done next; first the answer where it is the office's turn, else what it waits for."""
    done = {step.act for step in steps}
    possible = [
        act for act in RequestAct if (found.state, act) in TRANSITIONS and not (act in ONCE and act in done)
    ]
    is_open = found.state is RequestState.OPEN
    return sorted(possible, key=lambda act: (act is RequestAct.ANSWER) != is_open)


def _act(request: web.Request) -> RequestAct:
    try:
        return RequestAct(request.match_info["act"])
    except ValueError:
        raise NotFound("没有这个办理步骤。") from None


def _typed(form: Form, fields: Sequence[RegisterField]) -> dict[str, str]:
    return {field.name: form.text(field.name) for field in fields}


def _version(form: Form) -> int:
    text = form.text("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _form(
    request: web.Request,
    typed: Mapping[str, str],
    found: InformationRequest | None,
    *,
    version: int | None = None,
    problem: Problem | None = None,
) -> web.Response:
    context = {
        "found": found,
        "version": found.version if found and version is None else version,
        "fields": REGISTRATION,
        "typed": typed,
        "problem": problem,
        "errors": messages(problem),
    }
    return render(
        request, "statistics/requests/form.html", context, status=problem.status if problem else 200
    )
