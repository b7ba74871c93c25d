"""What is done with an item on its page: handed in, taken back, judged, decided, planned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.problems import Problem, StaleState, invalid
from outreach.items.model import Item
from outreach.items.rules import place_label
from outreach.office import review_item, take_back
from outreach.office.plan_posts import plan_posts
from outreach.office.seal_item import seal_by_hand
from outreach.office.submit_item import submit_item
from outreach.review.model import DecisionKind, Outcome
from outreach.review.queries import read_item
from outreach.review.service import Verdict
from outreach.screening.model import Judgement
from outreach.web import keys
from outreach.web.forms import Form, form_of
from outreach.web.pages.item_page import show_again
from outreach.web.pages.review_form import basis_of, review_form_of
from outreach.web.rendering import see_other

_SHOWN_ON_THE_PAGE = frozenset({403, 409, 412, 422})


async def submit(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/submit"""
    form = await form_of(request)
    try:
        await submit_item(keys.office_of(request), request.match_info["id"], keys.person_of(request))
    except Problem as problem:
        return await told(request, form, problem)
    return see_other(item_path(request), "item-submitted")


async def recall(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/recall"""
    return await act_on(
        request,
        lambda session, form: take_back.recall_item(
            session, request.match_info["id"], keys.person_of(request)
        ),
        item_path(request),
        "item-recalled",
    )


async def discard(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/discard"""
    return await act_on(
        request,
        lambda session, form: take_back.discard_item(
            session, request.match_info["id"], keys.person_of(request)
        ),
        "/items",
        "item-discarded",
    )


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/reviews: 同意, 退回 or 不予公开 by the button that was pressed; what was chosen as the outcome of
    退回 says nothing of the other two."""

    async def record(session: AsyncSession, form: Form) -> object:
        item_id, person = request.match_info["id"], keys.person_of(request)
        _require_stage_seen(await read_item(session, item_id, person), form)
        kind = decision_of(form)
        outcome = _outcome(form) if kind is DecisionKind.RETURN else None
        verdict = Verdict(kind, form.text("opinion"), basis_of(form), review_form_of(form), outcome)
        zone = keys.office_of(request).settings.zone
        return await review_item.decide(
            session, item_id, person, verdict, revision=revision_of(form), zone=zone
        )

    return await act_on(request, record, "/queue", "decided")


async def judge(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/findings/{finding}: 属实 or 误报."""

    async def record(session: AsyncSession, form: Form) -> object:
        return await review_item.judge_finding(
            session,
            request.match_info["id"],
            request.match_info["finding"],
            keys.person_of(request),
            Judgement.REAL if form.text("decision") == Judgement.REAL else Judgement.FALSE_ALARM,
            form.text("reason"),
            revision=revision_of(form),
            remembers=form.is_ticked("remembers"),
        )

    return await act_on(request, record, f"{item_path(request)}#findings", "finding-judged")


async def seal(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/seal: a classification mark was seen in it."""
    form = await form_of(request)
    item_id, person = request.match_info["id"], keys.person_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            case = await seal_by_hand(session, item_id, person, form.text("seal_reason"))
    except Problem as problem:
        return await told(request, form, problem)
    await keys.wake(request)
    return see_other(f"/marks/cases/{case.id}", "item-sealed")


async def plan(request: web.Request) -> web.StreamResponse:
    """POST /items/{id}/posts: onto the accounts that are ticked, now or at a time."""
    form = await form_of(request)
    try:
        await plan_posts(
            keys.office_of(request),
            request.match_info["id"],
            keys.person_of(request),
            form.texts("accounts"),
            form.time("at", keys.office_of(request).settings.zone),
        )
    except Problem as problem:
        return await told(request, form, problem)
    await keys.wake(request)
    return see_other(item_path(request), "posts-planned")


async def act_on(
    request: web.Request,
    act: Callable[[AsyncSession, Form], Awaitable[Any]],
    then: str,
    notice: str,
) -> web.StreamResponse:
    """Does `act` with the form that came, and leads on to `then`; or shows the item's page with what is wrong."""
    form = await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await act(session, form)
    except Problem as problem:
        return await told(request, form, problem)
    return see_other(then, notice)


async def told(request: web.Request, form: Form, problem: Problem) -> web.StreamResponse:
    """The item's page with the problem and all that was typed; what is not about the item goes further up."""
    if problem.status not in _SHOWN_ON_THE_PAGE:
        raise problem
    return await show_again(request, typed=form, problem=problem)


def item_path(request: web.Request) -> str:
    """The address of the item's page."""
    return f"/items/{request.match_info['id']}"


def _require_stage_seen(item: Item, form: Form) -> None:
    """A button on a page of an earlier stage decides nothing at the present one. Raises StaleState."""
    seen = form.text("stage")
    if seen and seen != item.stage:
        place = place_label((item.state, item.stage))
        raise StaleState(f"这条信息刚被处理过，现为“{place}”。您的决定没有记录。")


def decision_of(form: Form) -> DecisionKind:
    """The button that was pressed. Raises InvalidContent."""
    try:
        return DecisionKind(form.text("decision"))
    except ValueError:
        raise invalid("decision", "请点“同意”“退回”或“不予公开”。") from None


def _outcome(form: Form) -> Outcome | None:
    chosen = form.text("outcome")
    return Outcome(chosen) if chosen in set(Outcome) else None


def revision_of(form: Form) -> int:
    """The revision that the page showed. Raises InvalidContent."""
    text = form.text("revision")
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise invalid("revision", "请刷新页面后再试。")
    return int(text)
