"""/marks/cases/{id}: what the law asks for after a mark was found in a stored item, step by step; closed, the page is
the record, to be printed (confidentiality reviewers)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock, office_settings
from outreach.foundation.problems import NotFound, Problem, invalid
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Item
from outreach.items.queries import items_that_correct
from outreach.office import seal_case
from outreach.office.purge_item import purge_item
from outreach.publishing.queries import posts_by_item
from outreach.publishing.rules import STATE_LABELS
from outreach.sealing.model import SealEntry, Step
from outreach.sealing.queries import entries_of, get_case
from outreach.sealing.rules import COPIES, NOTED, STEP_LABELS, VERDICT_LABELS, is_done, steps_of
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.public_content import CONTENTS
from outreach.web.rendering import render, see_other

_SHOWN_ON_THE_PAGE = frozenset({409, 422})


async def show(request: web.Request) -> web.Response:
    """GET /marks/cases/{id}"""
    return await _page(request, Form({}))


async def note(request: web.Request) -> web.Response:
    """POST /marks/cases/{id}/steps/{step}: what somebody did."""
    case_id, by = request.match_info["id"], keys.person_of(request)
    try:
        step = Step(request.match_info["step"])
    except ValueError:
        raise NotFound("没有这一步。") from None
    return await _act(
        request,
        lambda session, form: seal_case.note_step(session, case_id, by, step, form.text(f"note-{step}")),
        "case-noted",
    )


async def confirm(request: web.Request) -> web.Response:
    """POST /marks/cases/{id}/confirm: it is a secret."""
    case_id, by = request.match_info["id"], keys.person_of(request)
    return await _act(
        request,
        lambda session, form: seal_case.confirm_secret(session, case_id, by, form.text("reason")),
        "case-confirmed",
    )


async def free(request: web.Request) -> web.Response:
    """POST /marks/cases/{id}/free: a false alarm."""
    form = await form_of(request)
    office, case_id = keys.office_of(request), request.match_info["id"]
    try:
        item = await seal_case.free_item(office, case_id, keys.person_of(request), form.text("free_reason"))
    except Problem as problem:
        return await _told(request, form, problem)
    return see_other(f"/items/{item.id}", "item-freed")


async def purge(request: web.Request) -> web.Response:
    """POST /marks/cases/{id}/purge; again where an earlier run was interrupted."""
    form = await form_of(request)
    office, case_id = keys.office_of(request), request.match_info["id"]
    try:
        if not form.is_ticked("understood"):
            raise invalid("understood", "请先勾选确认：清除以后不能恢复。")
        case = await purge_item(office, case_id, keys.person_of(request))
    except Problem as problem:
        return await _told(request, form, problem)
    async with office.db.read() as session:
        request.app[CONTENTS].forget((await session.get_one(Item, case.item_id)).public_id)
    return see_other(f"/marks/cases/{case_id}#step-purge", "case-purged")


async def tick(request: web.Request) -> web.Response:
    """POST /marks/cases/{id}/copies: every place was looked after."""
    case_id, by = request.match_info["id"], keys.person_of(request)
    return await _act(
        request,
        lambda session, form: seal_case.tick_copies(
            session, case_id, by, form.texts("places"), form.text("note-copies")
        ),
        "case-noted",
    )


async def close(request: web.Request) -> web.Response:
    """POST /marks/cases/{id}/close"""
    case_id, by = request.match_info["id"], keys.person_of(request)
    return await _act(
        request, lambda session, form: seal_case.close_case(session, case_id, by), "case-closed"
    )


async def _act(
    request: web.Request, act: Callable[[AsyncSession, Form], Awaitable[None]], notice: str
) -> web.Response:
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await act(session, form)
    except Problem as problem:
        return await _told(request, form, problem)
    return see_other(f"/marks/cases/{request.match_info['id']}", notice)


async def _told(request: web.Request, form: Form, problem: Problem) -> web.Response:
    """The case with the problem and all that was typed."""
    if problem.status not in _SHOWN_ON_THE_PAGE:
        raise problem
    return await _page(request, form, problem)


async def _page(request: web.Request, form: Form, problem: Problem | None = None) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        context = await _context(session, request, form)
    context |= {"problem": problem, "errors": messages(problem)}
    return render(request, "marks/case.html", context, status=problem.status if problem else 200)


async def _context(session: AsyncSession, request: web.Request, form: Form) -> dict[str, Any]:
    case = await get_case(session, request.match_info["id"], keys.person_of(request))
    item = await session.get_one(Item, case.item_id)
    entries = await entries_of(session, case.id)
    posts = (await posts_by_item(session, [item.id])).get(item.id, [])
    standing = seal_case.standing({entry.step for entry in entries}, posts)
    settings = await office_settings.load(session)
    done = {step: is_done(case, step, standing) for step in steps_of(case)}
    report_by = case.sealed_at + timedelta(hours=settings.mark_report_hours)
    return {
        "case": case,
        "item": item,
        "was_public": standing.was_out,
        "posts": posts,
        "post_counts": Counter(STATE_LABELS[post.state] for post in posts),
        "corrections": await items_that_correct(session, item.id),
        "done": done,
        "numbers": {step: number for number, step in enumerate(done, start=1)},
        "here": next((step for step, is_finished in done.items() if not is_finished), None),
        "entries": _by_step(entries),
        "left": {one["what"]: one["detail"] for one in case.left},
        "shared": [one["detail"] for one in case.left if one["what"] == "shared-file"],
        "report_by": report_by,
        "report_hours": settings.mark_report_hours,
        "is_late": not done[Step.REPORT] and clock.now() > report_by and case.closed_at is None,
        "typed": _typed(form),
        "ticked": form.texts("places"),
        "NOTED": NOTED,
        "COPIES": COPIES,
        "STEP_LABELS": STEP_LABELS,
        "VERDICT_LABELS": VERDICT_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "KIND_LABELS": KIND_LABELS,
    }


def _by_step(entries: Sequence[SealEntry]) -> Mapping[Step, list[SealEntry]]:
    return {step: [entry for entry in entries if entry.step is step] for step in Step}


def _typed(form: Form) -> Mapping[str, str]:
    names = ["reason", "free_reason", *(f"note-{step}" for step in Step)]
    return {name: form.text(name) for name in names}
