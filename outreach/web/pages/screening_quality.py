"""/screening-quality: how often each rule was right, as a page and as a table for Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from aiohttp import web

from outreach.foundation import clock
from outreach.foundation.problems import Forbidden
from outreach.items.importing.cells import protected
from outreach.people.rules import SCREENING_QUALITY, may
from outreach.screening.quality import RuleCount, RuleQuality, last_months, rules_quality
from outreach.screening.rules import LABELS, rule_title
from outreach.web import keys
from outreach.web.rendering import render

SPANS: Final = (3, 6, 12)
_HEADER: Final = ("月份", "规则", "类别", "发现", "属实", "误报", "未判定", "准确率")


async def show(request: web.Request) -> web.Response:
    """GET /screening-quality?months=3|6|12"""
    span = _span(request)
    months = last_months(clock.today(clock.SHANGHAI), span)
    rules = await _rules(request, months)
    context = {
        "span": span,
        "spans": SPANS,
        "months": months,
        "rules": rules,
        "total": sum((one.total for one in rules), RuleCount()),
        "share": share_text,
        "nothing": RuleCount(),
        "LABELS": LABELS,
        "rule_title": rule_title,
    }
    return render(request, "screening_quality/quality.html", context)


async def download(request: web.Request) -> web.Response:
    """GET /screening-quality.csv?months=3|6|12: a line for each rule and month in which it found something."""
    span = _span(request)
    months = last_months(clock.today(clock.SHANGHAI), span)
    text = io.StringIO()
    csv.writer(text).writerows(_lines(await _rules(request, months)))
    response = web.Response(
        body=text.getvalue().encode("utf-8-sig"), content_type="text/csv", charset="utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="screening-quality-{span}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def share_text(count: RuleCount) -> str:
    """The share of real ones as a percentage, a dash where none was judged."""
    share = count.share_right
    return "—" if share is None else f"{share:.0%}"


async def _rules(request: web.Request, months: list[date]) -> list[RuleQuality]:
    person = keys.person_of(request)
    if not any(may(person, act) for act in SCREENING_QUALITY):
        raise Forbidden("初筛质量供保密审查员、系统管理员和审计员查看。")
    async with keys.office_of(request).db.read() as session:
        return await rules_quality(session, months)


def _lines(rules: Sequence[RuleQuality]) -> Iterator[tuple[str, ...]]:
    yield _HEADER
    for one in rules:
        for month, count in sorted(one.months.items()):
            figures = (count.found, count.real, count.false_alarm, count.undecided)
            cells = (f"{month:%Y-%m}", protected(rule_title(one.rule)), LABELS[one.label])
            yield (*cells, *map(str, figures), share_text(count))


def _span(request: web.Request) -> int:
    """The months asked for; three where none of the choices is."""
    return next((one for one in SPANS if request.query.get("months") == str(one)), SPANS[0])
