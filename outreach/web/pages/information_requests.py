"""/statistics/requests: 依申请公开, those that are open and those of a year, and table three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from outreach.foundation import clock
from outreach.people.rules import Act, may
from outreach.statistics.registers import completeness
from outreach.statistics.requests.fees import fee_by_items, fee_by_pages
from outreach.statistics.requests.queries import (
    KEY,
    fees_of_year,
    open_requests,
    requests_of_year,
    table_of_year,
)
from outreach.statistics.requests.rules import APPLICANT_LABELS, RESULT_LABELS, STATE_LABELS, WAY_LABELS
from outreach.statistics.requests.table_three import COLUMNS, OTHERS, ROWS, TOTAL
from outreach.web import keys
from outreach.web.forms import form_of
from outreach.web.pages.registers import year_in, year_of
from outreach.web.rendering import render, see_other

HERE: Final = "/statistics/requests"
LABELS: Final[Mapping[str, Any]] = {
    "APPLICANT_LABELS": APPLICANT_LABELS,
    "RESULT_LABELS": RESULT_LABELS,
    "STATE_LABELS": STATE_LABELS,
    "WAY_LABELS": WAY_LABELS,
}
_ROW_LABELS: Final[Mapping[str, str]] = {
    "new": "一、本年新收",
    "carried_in": "二、上年结转",
    **{result.value: label for result, label in RESULT_LABELS.items()},
    "other": "（六）其他处理",
    "total_handled": "（七）总计",
    "carried_out": "四、结转下年度继续办理",
}
_COLUMN_LABELS: Final[Mapping[str, str]] = {
    **{one.value: label for one, label in APPLICANT_LABELS.items()},
    TOTAL: "总计",
}
_FIRST_YEAR_OF_NEW_FORM: Final = 2021
_MOST: Final = 100_000
_SHOWN: Final = 200


async def show(request: web.Request) -> web.Response:
    """GET /statistics/requests?year=&row=&column=: `row` and `column` are those of a cell of table three."""
    person, year = keys.person_of(request), year_of(request)
    row, column = request.query.get("row", ""), request.query.get("column", TOTAL)
    row, column = row if row in ROWS else "", column if column in COLUMNS else TOTAL
    async with keys.office_of(request).db.read() as session:
        waiting = await open_requests(session)
        of_year = await requests_of_year(session, year, row, column)
        table = await table_of_year(session, year)
        fees = await fees_of_year(session, year)
        complete = await completeness.complete_year(session, KEY, year)
    context = {
        **LABELS,
        "year": year,
        "waiting": waiting,
        "late": sum(one.is_late for one in waiting),
        "soon": sum(one.is_soon for one in waiting),
        "of_year": of_year[:_SHOWN],
        "more": max(0, len(of_year) - _SHOWN),
        "number": len(of_year),
        "cell": f"{_ROW_LABELS[row]} · {_COLUMN_LABELS[column]}" if row else "",
        "table": table,
        "rows": _rows(year),
        "row_labels": _ROW_LABELS,
        "columns": _COLUMN_LABELS,
        "fees": fees,
        "complete": complete,
        "may_keep": may(person, Act.KEEP_FIGURES),
        "may_complete": may(person, Act.KEEP_FIGURES)
        and person.section_ids is None
        and year <= clock.today(clock.SHANGHAI).year,
    }
    return render(request, "statistics/requests/list.html", context)


async def complete(request: web.Request) -> web.Response:
    """POST /statistics/requests/complete: `year`"""
    year = year_in((await form_of(request)).text("year"))
    async with keys.office_of(request).db.begin() as session:
        await completeness.mark_complete(session, KEY, year, keys.person_of(request))
    return see_other(f"{HERE}?year={year}", notice="register-complete")


async def reopen(request: web.Request) -> web.Response:
    """POST /statistics/requests/reopen: `year`"""
    year = year_in((await form_of(request)).text("year"))
    async with keys.office_of(request).db.begin() as session:
        await completeness.reopen(session, KEY, year, keys.person_of(request))
    return see_other(f"{HERE}?year={year}", notice="register-reopened")


async def show_fees(request: web.Request) -> web.Response:
    """GET /statistics/requests/fees?items=&pages=: what 国办函〔2020〕109号 lets be charged."""
    items, pages = (_whole(request.query.get(name, "")) for name in ("items", "pages"))
    context = {
        "typed": {name: request.query.get(name, "") for name in ("items", "pages")},
        "by_items": None if items is None else fee_by_items(items),
        "by_pages": None if pages is None else fee_by_pages(pages),
        "errors": {
            name: f"请填写 0 至 {_MOST} 的整数。"
            for name, value in (("items", items), ("pages", pages))
            if request.query.get(name, "") and value is None
        },
    }
    return render(request, "statistics/requests/fees.html", context)


def _rows(year: int) -> list[str]:
    """The rows of the form of that year."""
    left_out = {"other"} if year >= _FIRST_YEAR_OF_NEW_FORM else {one.value for one in OTHERS}
    return [row for row in ROWS if row not in left_out]


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= _MOST else None
