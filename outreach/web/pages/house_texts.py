"""/house-texts: the words of the house that reach followers, written by editors and reviewed before they are used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.questions import service as questions
from outreach.followers.texts import service
from outreach.followers.texts.catalogue import (
    ANSWER_PREFIX,
    CATALOGUE,
    SURVEY_PREFIX,
    Kind,
    kind_of,
    shipped,
)
from outreach.followers.texts.model import HouseText, TextState
from outreach.followers.texts.queries import editions_of, newest_editions
from outreach.followers.texts.rules import STATE_LABELS, WRITING
from outreach.followers.texts.service import Draft
from outreach.foundation.problems import InvalidContent, NotPossible, Problem
from outreach.people.model import Person
from outreach.people.rules import Act, may, may_any, require_any
from outreach.screening.rules import LABELS
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other

Deed = Callable[[AsyncSession, Person, str, Form], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Row:
    """A text in the list. `used` is the edition in use, None where it is what ships; `open` the one that is written or
    reviewed."""

    key: str
    label: str
    use: str
    used: HouseText | None
    open: HouseText | None
    last: HouseText | None


async def show_all(request: web.Request) -> web.Response:
    """GET /house-texts"""
    async with keys.office_of(request).db.read() as session:
        editions = await newest_editions(session)
    context = {
        "in_review": [one for all_ in editions.values() for one in all_ if one.state is TextState.IN_REVIEW],
        "rows": [_row(key, kind, editions.get(key, [])) for key, kind in CATALOGUE.items()],
        "answers": [
            _answer_row(key, all_) for key, all_ in editions.items() if key.startswith(ANSWER_PREFIX)
        ],
        "label_of": _label,
        "may_write": may_any(keys.person_of(request), WRITING),
        "STATE_LABELS": STATE_LABELS,
    }
    return render(request, "house_texts/list.html", context)


async def show_new(request: web.Request) -> web.Response:
    """GET /house-texts/new?question=: an answer to what nobody understood, or to anything else."""
    require_any(keys.person_of(request), WRITING)
    question_id, words = request.query.get("question", ""), ""
    if question_id:
        async with keys.office_of(request).db.read() as session:
            words = (await questions.get_question(session, question_id)).words
    typed = {"content": "", "triggers": words, "question": question_id}
    return await _page(request, f"{ANSWER_PREFIX}new", [], typed)


async def add(request: web.Request) -> web.Response:
    """POST /house-texts/new"""
    return await _written(request, service.new_answer_key(), f"{ANSWER_PREFIX}new")


async def show(request: web.Request) -> web.Response:
    """GET /house-texts/{key}"""
    return await _shown(request)


async def write(request: web.Request) -> web.Response:
    """POST /house-texts/{key}"""
    key = request.match_info["key"]
    return await _written(request, key, key)


async def submit(request: web.Request) -> web.Response:
    """POST /house-texts/{key}/submit"""

    async def deed(session: AsyncSession, by: Person, text_id: str, form: Form) -> None:
        await service.submit(session, by, text_id, version=_version(form))

    return await _done(request, deed, "text-submitted")


async def approve(request: web.Request) -> web.Response:
    """POST /house-texts/{key}/approve"""

    async def deed(session: AsyncSession, by: Person, text_id: str, form: Form) -> None:
        await service.approve(session, by, text_id, form.text("opinion"), version=_version(form))

    return await _done(request, deed, "decided")


async def return_to_author(request: web.Request) -> web.Response:
    """POST /house-texts/{key}/return"""

    async def deed(session: AsyncSession, by: Person, text_id: str, form: Form) -> None:
        await service.return_to_author(session, by, text_id, form.text("opinion"), version=_version(form))

    return await _done(request, deed, "decided")


async def retire(request: web.Request) -> web.Response:
    """POST /house-texts/{key}/retire"""

    async def deed(session: AsyncSession, by: Person, text_id: str, form: Form) -> None:
        await service.retire(session, by, text_id, version=_version(form))

    return await _done(request, deed, "text-retired")


async def discard(request: web.Request) -> web.Response:
    """POST /house-texts/{key}/discard"""
    by, form = keys.person_of(request), await form_of(request)
    async with keys.office_of(request).db.begin() as session:
        await service.discard(session, by, form.text("edition"), version=_version(form))
    return see_other("/house-texts", notice="text-discarded")


async def _written(request: web.Request, key: str, shown_key: str) -> web.Response:
    """Keeps the draft; with the button 提交审查 sends it on at once. A question that it answers is settled with it."""
    by, form = keys.person_of(request), await form_of(request)
    draft = Draft(form.raw("content"), form.raw("triggers"))
    try:
        async with keys.office_of(request).db.begin() as session:
            edition = await service.write(session, by, key, draft, version=_version(form))
            if form.is_ticked("submit"):
                await service.submit(session, by, edition.id, version=edition.version)
            if question := form.text("question"):
                await questions.close(session, by, question)
    except (InvalidContent, NotPossible) as problem:
        return await _shown(request, problem, form, shown_key)
    notice = "text-submitted" if form.is_ticked("submit") else "saved"
    return see_other(f"/house-texts/{key}", notice=notice)


async def _done(request: web.Request, deed: Deed, notice: str) -> web.Response:
    by, form = keys.person_of(request), await form_of(request)
    try:
        async with keys.office_of(request).db.begin() as session:
            await deed(session, by, form.text("edition"), form)
    except (InvalidContent, NotPossible) as problem:
        return await _shown(request, problem, form)
    return see_other(f"/house-texts/{request.match_info['key']}", notice=notice)


async def _shown(
    request: web.Request, problem: Problem | None = None, form: Form | None = None, key: str | None = None
) -> web.Response:
    key = key or request.match_info["key"]
    editions: Sequence[HouseText] = []
    if key != f"{ANSWER_PREFIX}new":
        async with keys.office_of(request).db.read() as session:
            editions = await editions_of(session, key)
    if form is not None and "content" in dict(form.pairs()):
        typed = {name: form.raw(name) for name in ("content", "triggers", "question")}
    else:
        typed = _typed_of(key, editions)
    return await _page(request, key, editions, typed, problem, form)


async def _page(
    request: web.Request,
    key: str,
    editions: Sequence[HouseText],
    typed: Mapping[str, str],
    problem: Problem | None = None,
    form: Form | None = None,
) -> web.Response:
    reader, opened = keys.person_of(request), _of_state(editions, TextState.DRAFT, TextState.IN_REVIEW)
    async with keys.office_of(request).db.read() as session:
        found = await service.findings_in(session, opened) if opened else []
    used = _of_state(editions, TextState.APPROVED)
    context: dict[str, Any] = {
        "key": key,
        "is_new": key == f"{ANSWER_PREFIX}new",
        "is_answer": key.startswith(ANSWER_PREFIX),
        "survey": key.removeprefix(SURVEY_PREFIX) if key.startswith(SURVEY_PREFIX) else None,
        "label": _label(key),
        "kind": kind_of(key),
        "open": opened,
        "used": used,
        "shipped": shipped(key) if key in CATALOGUE else None,
        "history": editions,
        "found": found,
        "typed": typed,
        "opinion": form.text("opinion") if form else "",
        "problem": problem,
        "errors": messages(problem),
        "may_write": may_any(reader, WRITING) and (opened is None or opened.state is TextState.DRAFT),
        "may_retire": used is not None and may_any(reader, (*WRITING, Act.DECIDE_CONFIDENTIALITY)),
        "may_decide": _may_decide(reader, opened),
        "LABELS": LABELS,
        "STATE_LABELS": STATE_LABELS,
    }
    return render(request, "house_texts/text.html", context, status=problem.status if problem else 200)


def _may_decide(reader: Person, opened: HouseText | None) -> bool:
    if opened is None or opened.state is not TextState.IN_REVIEW:
        return False
    return may(reader, Act.DECIDE_CONFIDENTIALITY) and reader.id not in opened.author_ids


def _typed_of(key: str, editions: Sequence[HouseText]) -> dict[str, str]:
    """What the form begins with: the draft, else what is in use."""
    best = _of_state(editions, TextState.DRAFT, TextState.IN_REVIEW) or _of_state(
        editions, TextState.APPROVED
    )
    if best is None and key not in CATALOGUE:
        best = editions[0]
    content, triggers = (best.content, best.triggers) if best else (shipped(key), "")
    return {"content": content, "triggers": triggers, "question": ""}


def _of_state(editions: Sequence[HouseText], *states: TextState) -> HouseText | None:
    return next((one for one in editions if one.state in states), None)


def _row(key: str, kind: Kind, editions: Sequence[HouseText]) -> Row:
    used = _of_state(editions, TextState.APPROVED)
    opened = _of_state(editions, TextState.DRAFT, TextState.IN_REVIEW)
    return Row(key, kind.label, kind.use, used, opened, editions[0] if editions else None)


def _answer_row(key: str, editions: Sequence[HouseText]) -> Row:
    return _row(key, Kind("、".join(editions[0].triggers.split("\n")[:3]), ""), editions)


def _label(key: str) -> str:
    kind = kind_of(key)
    return kind.label if kind else key


def _version(form: Form) -> int:
    typed = form.text("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
