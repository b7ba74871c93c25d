"""/word-lists: the words that the office looks for besides the rules that ship (confidentiality reviewers)."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any, Final

from aiohttp import web

from outreach.foundation.problems import FieldError, InvalidContent, Problem
from outreach.people.rules import Act, require
from outreach.screening import word_list_service as service
from outreach.screening.model import WordListEdition
from outreach.screening.severity import Severity
from outreach.screening.word_files import read_word_file
from outreach.screening.word_list_service import Draft
from outreach.web import keys
from outreach.web.forms import Form, form_of, messages
from outreach.web.rendering import render, see_other

SEVERITIES: Final = [
    (Severity.HINT.value, "提示（不影响审查）"),
    (Severity.REDACT.value, "须处理（判定后才能通过）"),
    (Severity.BLOCK.value, "严重（判定后才能通过）"),
]
_FIELDS: Final = ("name", "severity", "words", "exceptions", "note", "basis", "valid_from", "valid_until")


async def show_all(request: web.Request) -> web.Response:
    """GET /word-lists"""
    require(keys.person_of(request), Act.KEEP_SCREENING)
    async with keys.office_of(request).db.read() as session:
        editions = await service.newest_editions(session)
    counts = {edition.id: len(edition.words.split("\n")) for edition in editions}
    context = {"editions": editions, "counts": counts, "SEVERITIES": dict(SEVERITIES)}
    return render(request, "word_lists/list.html", context)


async def show_new(request: web.Request) -> web.Response:
    """GET /word-lists/new"""
    require(keys.person_of(request), Act.KEEP_SCREENING)
    return _form(request, {**dict.fromkeys(_FIELDS, ""), "severity": Severity.HINT.value}, None)


async def show(request: web.Request) -> web.Response:
    """GET /word-lists/{id}"""
    require(keys.person_of(request), Act.KEEP_SCREENING)
    async with keys.office_of(request).db.read() as session:
        edition = await service.get_edition(session, request.match_info["id"])
        editions = await service.history(session, edition.list_id)
    return _form(request, _typed_of(edition), edition, history=editions)


async def keep(request: web.Request) -> web.Response:
    """POST /word-lists/new, /word-lists/{id}: first shows what the change would have done, then saves just that: what
    was typed after it was shown is shown again."""
    by = keys.person_of(request)
    require(by, Act.KEEP_SCREENING)
    form = await form_of(request)
    list_id = request.match_info.get("id")
    typed = {name: form.raw(name) if name in ("words", "exceptions") else form.text(name) for name in _FIELDS}
    office = keys.office_of(request)
    async with office.db.read() as session:
        before = await service.get_edition(session, list_id) if list_id else None
    try:
        typed = await _with_file(request, typed)
        draft = _draft_of(typed)
        service.require_right(draft)
        if form.text("confirmed") != draft.content_hash():
            async with office.db.read() as session:
                effects = await service.effects(session, draft, before)
            shown = draft.content_hash()
            return _form(request, typed, before, effects=effects, shown=shown, seen=_seen(form))
        async with office.db.begin() as session:
            await service.save(session, by, draft, list_id=list_id, seen=_seen(form))
    except Problem as problem:
        if not isinstance(problem, InvalidContent) and problem.status != 409:
            raise
        return _form(request, typed, before, problem=problem, seen=_seen(form))
    return see_other("/word-lists", notice="saved")


async def retire(request: web.Request) -> web.Response:
    """POST /word-lists/{id}/retire: out of force; the editions stay, since reports name them."""
    by = keys.person_of(request)
    require(by, Act.KEEP_SCREENING)
    form = await form_of(request)
    async with keys.office_of(request).db.begin() as session:
        edition = await service.get_edition(session, request.match_info["id"])
        draft = _draft_of(_typed_of(edition))
        await service.save(
            session, by, draft, list_id=edition.list_id, seen=_seen(form), is_retired=not edition.is_retired
        )
    return see_other("/word-lists", notice="saved")


async def _with_file(request: web.Request, typed: dict[str, str]) -> dict[str, str]:
    """With the words of a file that was chosen, after those that stand in the field. Raises InvalidContent."""
    chosen = (await request.post()).get("file")
    if not isinstance(chosen, web.FileField) or not chosen.filename:
        return typed
    content = await asyncio.to_thread(chosen.file.read)
    words = await asyncio.to_thread(read_word_file, content)
    return {**typed, "words": "\n".join(service.read_words(f"{typed['words']}\n{words}"))}


def _draft_of(typed: dict[str, str]) -> Draft:
    days, errors = {}, []
    for name in ("valid_from", "valid_until"):
        try:
            days[name] = date.fromisoformat(typed[name]) if typed[name] else None
        except ValueError:
            errors.append(FieldError(name, "请填写日期，例如 2026-11-24。"))
    if typed["severity"] not in dict(SEVERITIES):
        errors.append(FieldError("severity", "请选择程度。"))
    if errors:
        raise InvalidContent("词库有内容需要修改，请看各栏下的说明。", errors=errors)
    return Draft(
        name=typed["name"],
        severity=Severity(typed["severity"]),
        words=service.read_words(typed["words"]),
        exceptions=service.read_words(typed["exceptions"]),
        note=typed["note"],
        basis=typed["basis"],
        **days,
    )


def _typed_of(edition: WordListEdition) -> dict[str, str]:
    return {
        "name": edition.name,
        "severity": edition.severity.value,
        "words": edition.words,
        "exceptions": edition.exceptions,
        "note": edition.note,
        "basis": edition.basis,
        "valid_from": edition.valid_from.isoformat() if edition.valid_from else "",
        "valid_until": edition.valid_until.isoformat() if edition.valid_until else "",
    }


def _seen(form: Form) -> int:
    typed = form.text("seen")
    return int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < 9 else 0


def _form(
    request: web.Request,
    typed: dict[str, str],
    edition: WordListEdition | None,
    *,
    problem: Problem | None = None,
    seen: int | None = None,
    **further: Any,
) -> web.Response:
    context = {
        "typed": typed,
        "edition": edition,
        "seen": edition.number if seen is None and edition else seen or 0,
        "severities": SEVERITIES,
        "problem": problem,
        "errors": messages(problem),
        "effects": None,
        "shown": "",
        "history": (),
        "TRIED_ON": service.TRIED_ON,
        **further,
    }
    return render(request, "word_lists/form.html", context, status=problem.status if problem else 200)
