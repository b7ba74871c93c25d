"""/statistics/assessment/rules: by what points are given."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from outreach.foundation.problems import InvalidContent
from outreach.people.rules import Act, may
from outreach.statistics.assessment.queries import editions, scheme_in_force, scheme_of
from outreach.statistics.assessment.rules import LABELS, MEANINGS, Measure, Scheme, told
from outreach.statistics.assessment.service import save_scheme
from outreach.web import keys
from outreach.web.forms import form_of, messages
from outreach.web.rendering import render, see_other


async def show(request: web.Request) -> web.Response:
    """GET /statistics/assessment/rules"""
    return await _page(request)


async def save(request: web.Request) -> web.Response:
    """POST /statistics/assessment/rules"""
    form = await form_of(request)
    typed = dict(form.pairs())
    read = form.text("number")
    number = int(read) if read.isascii() and read.isdigit() and len(read) < 6 else -1
    try:
        async with keys.office_of(request).db.begin() as session:
            await save_scheme(session, keys.person_of(request), typed, number=number)
    except InvalidContent as problem:
        return await _page(request, typed, problem)
    return see_other("/statistics/assessment/rules", notice="saved")


async def _page(
    request: web.Request, typed: Mapping[str, str] | None = None, problem: InvalidContent | None = None
) -> web.Response:
    async with keys.office_of(request).db.read() as session:
        in_force, history = await scheme_in_force(session), await editions(session)
    context = {
        "edition": in_force.edition,
        "typed": typed or _typed_of(in_force.scheme),
        "history": [(one, _told(scheme_of(one))) for one in history],
        "may_keep": may(keys.person_of(request), Act.KEEP_FIGURES),
        "measures": [(one.value, LABELS[one], MEANINGS[one]) for one in Measure],
        "problem": problem,
        "errors": messages(problem),
    }
    return render(request, "assessment/rules.html", context, status=problem.status if problem else 200)


def _typed_of(scheme: Scheme) -> dict[str, str]:
    typed = {"base": told(scheme.base), "basis": ""}
    for rule in scheme.rules:
        typed |= {f"weight.{rule.measure}": told(rule.weight), f"cap.{rule.measure}": told(rule.cap)}
    return typed


def _told(scheme: Scheme) -> str:
    parts = [f"{LABELS[one.measure]} {told(one.weight)}（至多 {told(one.cap)}）" for one in scheme.rules]
    return f"基础分 {told(scheme.base)}；" + "，".join(parts)
