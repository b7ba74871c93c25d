"""/calendar: what is planned and what went out in a month, day by day; a planned post is moved to another day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from outreach.catalogue.calendar import Entered, NamedDay, is_working_day, named_day
from outreach.catalogue.queries import entered_holidays
from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, NotPossible, Problem, invalid
from outreach.office import reschedule_post
from outreach.people.queries import sections
from outreach.people.rules import Act, may
from outreach.publishing.editions.rules import STATE_LABELS as EDITION_STATE_LABELS
from outreach.publishing.model import PostState
from outreach.publishing.month import (
    MonthEdition,
    MonthEntry,
    MonthFilter,
    editions_between,
    entries_between,
)
from outreach.publishing.rules import STATE_LABELS
from outreach.web import keys
from outreach.web.forms import Form, form_of
from outreach.web.rendering import render, see_other
from outreach.web.sessions import local_path

_SHOWN: Final = 6  # of a day, before the rest is folded up


@dataclass(frozen=True, slots=True)
class Entry:
    """A post or an edition on its day. `can_move` to another one: a post alone, for which the page showed it at `seen`.
    `others` is how many articles an edition has, where it is not its head article alone. An edition of which the reader
    may see a part leads to their article."""

    id: str
    href: str
    title: str
    about: str
    state: str
    state_label: str
    moment: datetime
    time: str
    others: str = ""
    is_emergency: bool = False
    is_edition: bool = False
    can_move: bool = False
    local: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month. `named` is what the official holidays say of it, `is_off` whether offices are closed."""

    day: date
    weekday: str
    is_today: bool
    is_past: bool
    is_off: bool
    named: NamedDay | None
    entries: Sequence[Entry]
    more: Sequence[Entry]


async def show(request: web.Request) -> web.Response:
    """GET /calendar?month=&account=&section="""
    return await _page(request, request.query)


async def move(request: web.Request) -> web.Response:
    """POST /calendar/{id}: to another day at the same time of day (`day`), or to another time (`at`)."""
    office, person, form = keys.office_of(request), keys.person_of(request), await form_of(request)
    post_id, zone, back = request.match_info["id"], office.settings.zone, _back(form)
    try:
        async with office.db.begin() as session:
            if form.text("day"):
                await reschedule_post.move_to_day(
                    session, post_id, person, _day(form), zone, seen=form.text("seen")
                )
            else:
                await reschedule_post.reschedule_post(session, post_id, person, _at(form, zone))
    except (NotPossible, InvalidContent) as problem:
        query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        return await _page(request, query, problem)
    await keys.wake(request)
    return see_other(back, "post-rescheduled")


async def _page(
    request: web.Request, query: Mapping[str, str], problem: Problem | None = None
) -> web.Response:
    office, person, zone = keys.office_of(request), keys.person_of(request), _zone(request)
    first = _month(query.get("month", ""), zone)
    narrow = MonthFilter(_text(query, "account"), _text(query, "section"))
    end = _next(first)
    async with office.db.read() as session:
        begin, until = _begin(first, zone), _begin(end, zone)
        posts = await entries_between(session, person, begin, until, narrow)
        editions = await editions_between(session, person, begin, until, narrow)
        accounts = await list_accounts(session)
        entered = await entered_holidays(session)
        all_sections = await sections(session)
    moves = may(person, Act.PUBLISH)
    found = [_of_post(one, zone, moves=moves) for one in posts] + [_of_edition(one, zone) for one in editions]
    seen = [one.name for one in all_sections if person.section_ids is None or one.id in person.section_ids]
    chosen = {"month": f"{first:%Y-%m}", "account": narrow.account or "", "section": narrow.section or ""}
    context: dict[str, Any] = {
        "days": _days(first, end, sorted(found, key=lambda one: one.moment), entered, zone),
        "blanks": first.weekday(),
        "heading": f"{first.year}年{first.month}月",
        "total": len(found),
        "chosen": chosen,
        "here": f"/calendar?{urlencode(chosen)}",
        "previous": urlencode({**chosen, "month": f"{_previous(first):%Y-%m}"}),
        "next": urlencode({**chosen, "month": f"{end:%Y-%m}"}),
        "accounts": [(one.id, f"{one.name}（{CHANNEL_LABELS[one.channel]}）") for one in accounts],
        "sections": [(name, name) for name in seen],
        "problem": problem,
    }
    return render(request, "calendar/month.html", context, status=problem.status if problem else 200)


def _of_post(one: MonthEntry, zone: ZoneInfo, *, moves: bool) -> Entry:
    local = one.moment.astimezone(zone)
    is_waiting = one.state is PostState.PLANNED and one.at is not None
    return Entry(
        id=one.post_id,
        href=f"/posts/{one.post_id}",
        title=one.title,
        about=f"{CHANNEL_LABELS[one.channel]} {one.account}",
        state=one.state,
        state_label=STATE_LABELS[one.state],
        moment=one.moment,
        time=f"{local:%H:%M}",
        is_emergency=one.is_emergency,
        can_move=moves and is_waiting,
        local=f"{local:%Y-%m-%dT%H:%M}",
        seen=one.at.isoformat() if one.at else "",
    )


def _of_edition(one: MonthEdition, zone: ZoneInfo) -> Entry:
    return Entry(
        id=one.edition_id,
        href=f"/editions/{one.edition_id}" if one.is_whole else f"/posts/{one.post_id}",
        title=f"推送：{one.title}",
        others=f" 等 {one.articles} 篇" if one.articles > 1 else "",
        about=f"{CHANNEL_LABELS[one.channel]} {one.account}",
        state=one.state,
        state_label=EDITION_STATE_LABELS[one.state],
        moment=one.moment,
        time=f"{one.moment.astimezone(zone):%H:%M}",
        is_edition=one.is_whole,
    )


def _days(first: date, end: date, found: Sequence[Entry], entered: Entered, zone: ZoneInfo) -> list[Day]:
    of_day: dict[date, list[Entry]] = {}
    for one in found:
        of_day.setdefault(one.moment.astimezone(zone).date(), []).append(one)
    days = (first + timedelta(days=number) for number in range((end - first).days))
    today = clock.today(zone)
    return [_day_view(day, of_day.get(day, []), entered, today) for day in days]


def _day_view(day: date, entries: Sequence[Entry], entered: Entered, today: date) -> Day:
    return Day(
        day=day,
        weekday="一二三四五六日"[day.weekday()],
        is_today=day == today,
        is_past=day < today,
        is_off=not is_working_day(day, entered),
        named=named_day(day, entered),
        entries=entries[:_SHOWN],
        more=entries[_SHOWN:],
    )


def _month(typed: str, zone: ZoneInfo) -> date:
    """The first day of the month that was asked for, else of the present one."""
    try:
        first = datetime.strptime(typed, "%Y-%m").date()  # noqa: DTZ007 - a month has no hour
    except ValueError:
        return clock.today(zone).replace(day=1)
    return first if first.year in clock.YEARS else clock.today(zone).replace(day=1)


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _previous(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _zone(request: web.Request) -> ZoneInfo:
    return keys.office_of(request).settings.zone


def _text(query: Mapping[str, str], name: str) -> str | None:
    """A value of the address, without NUL, which PostgreSQL does not compare."""
    return query.get(name, "").replace("\x00", "") or None


def _back(form: Form) -> str:
    back = local_path(form.text("back"))
    return back if back.startswith("/calendar") else "/calendar"


def _day(form: Form) -> date:
    try:
        return date.fromisoformat(form.text("day"))
    except ValueError:
        raise invalid("day", "请选择日期。") from None


def _at(form: Form, zone: ZoneInfo) -> datetime:
    at = form.time("at", zone)
    if at is None:
        raise invalid("at", "请填写日期和时间。")
    return at
