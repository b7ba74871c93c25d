"""/editions/{id}: one mass push: composed by drag or by buttons, previewed, pushed, followed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import AccountType
from outreach.channels.rules import TYPE_LABELS
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, NotPossible, Problem, StaleVersion, invalid
from outreach.items.labels import KIND_LABELS
from outreach.office.compose_edition import cancel_edition, compose_edition, plan_push
from outreach.office.compose_edition import recompose as recompose_edition
from outreach.office.confirm_edition import Outcome, resolve_edition
from outreach.office.preview_edition import send_previews
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.publishing.editions.model import Edition, EditionState
from outreach.publishing.editions.queries import (
    articles_of,
    attempts_of,
    candidates,
    get_edition,
    previews_of,
    pushed_on,
)
from outreach.publishing.editions.quota import earliest_day
from outreach.publishing.editions.rules import ARTICLES_MAX, STATE_LABELS, EditionAction, can
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.pages.edition_order import order_of
from outreach.web.rendering import render, render_changed, see_other

_UNDER_WAY: Final = frozenset({EditionState.SENDING, EditionState.ACCEPTED, EditionState.UNCERTAIN})
_SOON: Final = timedelta(minutes=15)
_CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Buttons:
    """What whoever looks at an edition may do about it now."""

    compose: bool
    preview: bool
    push: bool
    recompose: bool
    cancel: bool
    resolve: bool


def buttons_of(edition: Edition, person: Person) -> Buttons:
    """The buttons under `edition` for `person`: none without the publisher's role."""

    def shown(action: EditionAction) -> bool:
        return may(person, Act.PUBLISH) and can(edition.state, action)

    composing = shown(EditionAction.PLAN)
    return Buttons(
        compose=composing,
        preview=composing or shown(EditionAction.CLAIM),
        push=composing,
        recompose=shown(EditionAction.RECOMPOSE),
        cancel=shown(EditionAction.CANCEL),
        resolve=shown(EditionAction.RESOLVE_PUBLISHED),
    )


async def show(request: web.Request) -> web.Response:
    """GET /editions/{id}?text="""
    return await _page(request, Form({}))


async def state(request: web.Request) -> web.Response:
    """GET /editions/{id}/state?seen=: the part of the page that changes; 204 while nothing did."""
    return render_changed(request, "editions/_changed.html", await _context(request, Form({})))


async def compose(request: web.Request) -> web.Response:
    """POST /editions/{id}/articles: the order that was dragged, a button that moves one, or what is added."""

    async def change(form: Form) -> None:
        await compose_edition(
            keys.office_of(request),
            _id(request),
            keys.person_of(request),
            order_of(form),
            version=_version(form),
        )

    return await _do(request, change, None)


async def preview(request: web.Request) -> web.Response:
    """POST /editions/{id}/preview: to the followers that were typed; what came of each stands on the page."""

    async def send(form: Form) -> None:
        recipients = form.text("to").replace("，", " ").replace("、", " ").replace(",", " ").split()
        await send_previews(keys.office_of(request), _id(request), keys.person_of(request), recipients)

    return await _do(request, send, "edition-previewed")


async def push(request: web.Request) -> web.Response:
    """POST /editions/{id}/push: now, or at the time that was typed."""
    zone = keys.office_of(request).settings.zone

    async def plan(session: AsyncSession, form: Form) -> object:
        at, version = form.time("at", zone), _version(form)
        return await plan_push(session, _id(request), keys.person_of(request), at, version=version)

    return await _act(request, plan, "edition-planned")


async def recompose(request: web.Request) -> web.Response:
    """POST /editions/{id}/recompose"""
    return await _act(
        request,
        lambda session, _: recompose_edition(session, _id(request), keys.person_of(request)),
        "edition-recomposed",
    )


async def cancel(request: web.Request) -> web.Response:
    """POST /editions/{id}/cancel"""
    return await _act(
        request,
        lambda session, _: cancel_edition(session, _id(request), keys.person_of(request)),
        "edition-cancelled",
    )


async def resolve(request: web.Request) -> web.Response:
    """POST /editions/{id}/resolve"""
    zone = keys.office_of(request).settings.zone

    async def settle(session: AsyncSession, form: Form) -> object:
        return await resolve_edition(
            session,
            _id(request),
            keys.person_of(request),
            _outcome(form),
            zone,
            url=form.text("url") or None,
            published_at=form.time("published_at", zone),
        )

    return await _act(request, settle, "edition-resolved")


async def _act(
    request: web.Request, act: Callable[[AsyncSession, Form], Awaitable[object]], notice: str
) -> web.Response:
    async def do(form: Form) -> None:
        async with keys.office_of(request).db.begin() as session:
            await act(session, form)

    return await _do(request, do, notice)


async def _do(
    request: web.Request, do: Callable[[Form], Awaitable[None]], notice: str | None
) -> web.Response:
    form = await form_of(request)
    try:
        await do(form)
    except (NotPossible, InvalidContent, StaleVersion) as problem:
        return await _page(request, form, problem)
    await keys.wake(request)
    return see_other(f"/editions/{_id(request)}", notice)


async def _page(request: web.Request, form: Form, problem: Problem | None = None) -> web.Response:
    context = await _context(request, form, problem)
    return render(request, "editions/edition.html", context, status=problem.status if problem else 200)


async def _context(request: web.Request, form: Form, problem: Problem | None = None) -> dict[str, Any]:
    person, text = keys.person_of(request), request.query.get("text", "").replace("\x00", "")
    async with keys.office_of(request).db.read() as session:
        edition = await get_edition(session, _id(request), person)
        posts = await articles_of(session, edition.id)
        buttons = buttons_of(edition, person)
        found = (
            await candidates(session, person, edition.account_id, text, _CANDIDATES)
            if buttons.compose
            else ()
        )
        context = {
            "attempts": await attempts_of(session, edition.id),
            "previews": await previews_of(session, edition.id),
            "earliest": await _earliest(session, edition) if buttons.push else None,
        }
    return {
        **context,
        "edition": edition,
        "posts": posts,
        "candidates": found,
        "text": text,
        "left": ARTICLES_MAX - len(posts),
        "buttons": buttons,
        "polls": _changes_soon(edition),
        "stamp": f"{edition.version}-{edition.updated_at.timestamp()}",
        "typed": {name: form.text(name) for name in ("to", "at", "url", "published_at")},
        "ticked": form.texts("add"),
        "problem": problem,
        "errors": messages(problem),
        "title": "编排推送" if buttons.compose or not posts else posts[0].rendition["title"],
        "KIND_LABELS": KIND_LABELS,
        "STATE_LABELS": STATE_LABELS,
        "TYPE_LABELS": TYPE_LABELS,
    }


async def _earliest(session: AsyncSession, edition: Edition) -> date:
    """The first day with a push left."""
    type_ = edition.account.type or AccountType.SUBSCRIPTION
    pushed = await pushed_on(session, edition.account_id, but=edition.id)
    return earliest_day(type_, pushed, clock.today(clock.SHANGHAI))


def _changes_soon(edition: Edition) -> bool:
    if edition.state is EditionState.PLANNED and edition.due_at is not None:
        return edition.due_at <= clock.now() + _SOON
    return edition.state in _UNDER_WAY


def _id(request: web.Request) -> str:
    return request.match_info["id"]


def _version(form: Form) -> int:
    """The version that the page showed. Raises InvalidContent."""
    text = form.text("version")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise invalid("version", "请刷新页面后再试。")
    return int(text)


def _outcome(form: Form) -> Outcome:
    try:
        return Outcome(form.text("outcome"))
    except ValueError as error:
        raise invalid("outcome", "请点“确认已群发”或“确认未群发”。") from error
