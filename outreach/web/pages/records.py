"""/records: the register (台账) of all reviews, what they came to, and its export."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from outreach.foundation import clock
from outreach.foundation.passing_file import passing_folder
from outreach.items.files import XLSX
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Kind
from outreach.items.rules import STAGE_LABELS
from outreach.office.export_records import TableFormat, export_records
from outreach.people.queries import sections
from outreach.people.rules import sees_section
from outreach.review.model import Standing
from outreach.review.queries import (
    RecordFilter,
    count_by_standing,
    list_records,
    reviewers,
    year_of_reviews,
)
from outreach.review.rules import ARTICLES, STANDING_LABELS, number_label, sees_every_record
from outreach.web import keys
from outreach.web.pages.items_list import member, typed
from outreach.web.rendering import render
from outreach.web.sending import send_file

_ROWS: Final = 50
_FILED: Final = {"yes": True, "no": False}
_MEDIA_TYPES: Final = {TableFormat.XLSX: XLSX, TableFormat.CSV: "text/csv; charset=utf-8"}


async def show(request: web.Request) -> web.Response:
    """GET /records?first=&last=&section=&kind=&standing=&reviewer=&text=&filed=&before="""
    person, narrow, before = keys.person_of(request), narrow_of(request), _before(request)
    year = _year(narrow)
    async with keys.office_of(request).db.read() as session:
        rows, following = await list_records(session, person, narrow, limit=_ROWS, before=before)
        counts = await count_by_standing(session, person, narrow)
        of_year = await year_of_reviews(session, person, year)
        everybody = await reviewers(session)
        sees_all = sees_every_record(person)
        known = [one.name for one in await sections(session) if sees_all or sees_section(person, one.id)]
    chosen = chosen_of(request)
    context = {
        "rows": rows,
        "counts": counts,
        "total": sum(counts.values()),
        "year": of_year,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "sections": [(name, name) for name in known],
        "reviewers": everybody,
        "is_first": before is None,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "before": f"{following[0]}-{following[1]}"}) if following else "",
        "may_file": sees_all,
        "number_label": number_label,
        "KIND_LABELS": KIND_LABELS,
        "STANDING_LABELS": STANDING_LABELS,
        "STAGE_LABELS": STAGE_LABELS,
        "ARTICLES": ARTICLES,
    }
    return render(request, "records/list.html", context)


async def download(request: web.Request) -> web.StreamResponse:
    """GET /records/export.{xlsx|csv}: what the register shows with these filters."""
    office, format_ = keys.office_of(request), TableFormat(request.match_info["format"])
    async with passing_folder(office.settings.home) as folder:
        target = folder / f"table.{format_}"
        await export_records(office, keys.person_of(request), narrow_of(request), target, format_)
        name = f"审查台账-{clock.today(clock.SHANGHAI)}.{format_}"
        return await send_file(request, target, name, _MEDIA_TYPES[format_])


def narrow_of(request: web.Request) -> RecordFilter:
    """What the address of the register narrows it to; what can't be read narrows nothing."""
    return RecordFilter(
        first=_day(request, "first"),
        last=_day(request, "last"),
        section=typed(request, "section"),
        kind=member(request, "kind", Kind),
        standing=member(request, "standing", Standing),
        reviewer=typed(request, "reviewer"),
        text=typed(request, "text"),
        is_filed=_FILED.get(request.query.get("filed", "")),
    )


def chosen_of(request: web.Request) -> dict[str, Any]:
    """The same as the fields of the form show it."""
    narrow = narrow_of(request)
    return {
        "first": narrow.first.isoformat() if narrow.first else "",
        "last": narrow.last.isoformat() if narrow.last else "",
        "section": narrow.section or "",
        "kind": narrow.kind or "",
        "standing": narrow.standing or "",
        "reviewer": narrow.reviewer or "",
        "text": narrow.text or "",
        "filed": {True: "yes", False: "no"}.get(narrow.is_filed, "") if narrow.is_filed is not None else "",
    }


def _year(narrow: RecordFilter) -> int:
    """The year that the counts are of: that of the last day asked for, else the present one."""
    return (narrow.last or narrow.first or clock.today(clock.SHANGHAI)).year


def _day(request: web.Request, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.query.get(name, ""))
    except ValueError:
        return None
    return day if day.year in clock.YEARS else None


def _before(request: web.Request) -> tuple[int, int] | None:
    year, _, number = request.query.get("before", "").partition("-")
    is_place = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (year, number))
    return (int(year), int(number)) if is_place else None
