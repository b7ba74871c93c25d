"""/statistics/posts: the posts behind a figure."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from outreach.channels.model import ChannelName
from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.problems import InvalidContent, invalid
from outreach.items.labels import KIND_LABELS, ORIGIN_LABELS
from outreach.items.model import Kind, Origin
from outreach.people.queries import sections
from outreach.people.rules import sees_section
from outreach.publishing.rules import STATE_LABELS
from outreach.statistics.csv_table import MOST_POSTS, posts_csv
from outreach.statistics.queries.posts import PostFilter, counted_posts, figure, settled
from outreach.statistics.rules import check_month, check_year, period_label
from outreach.web import keys
from outreach.web.forms import messages
from outreach.web.pages.statistics_downloads import table
from outreach.web.pages.statistics_periods import present_month
from outreach.web.rendering import render

_ROWS: Final = 50
_CHOICES: Final = ("account", "channel", "kind", "section", "origin")
_TICKED: Final = ("withdrawn", "first", "late", "closed")


async def show(request: web.Request) -> web.Response:
    """GET /statistics/posts?month=|year=&account=&channel=&kind=&section=&origin=&withdrawn=&first=&late=&closed=&cursor="""
    try:
        return await _page(request, _narrow(request))
    except InvalidContent as problem:
        return await _page(request, PostFilter(present_month(request)), problem)


async def download(request: web.Request) -> web.Response:
    """GET /statistics/posts.csv with the same filters. Raises InvalidContent where there are too many."""
    office, reader = keys.office_of(request), keys.person_of(request)
    async with office.db.read() as session:
        narrow = await settled(session, _narrow(request))
        number = await figure(session, narrow, reader, office.settings.zone)
        if number > MOST_POSTS:
            told = f"符合条件的有 {number} 件，一次最多导出 {MOST_POSTS} 件。请按月或缩小范围后再导出。"
            raise invalid("period", told)
        page = await counted_posts(session, narrow, reader, office.settings.zone, limit=MOST_POSTS)
    content = await asyncio.to_thread(posts_csv, page.posts, office.settings.zone)
    return table(content, f"statistics-posts-{narrow.period}.csv")


async def _page(
    request: web.Request, narrow: PostFilter, problem: InvalidContent | None = None
) -> web.Response:
    office, reader = keys.office_of(request), keys.person_of(request)
    cursor = request.query.get("cursor", "").replace("\x00", "")
    async with office.db.read() as session:
        zone, narrow = office.settings.zone, await settled(session, narrow)
        number = await figure(session, narrow, reader, zone)
        page = await counted_posts(session, narrow, reader, zone, limit=_ROWS, cursor=cursor or None)
        accounts, all_sections = await list_accounts(session), await sections(session)
    chosen = chosen_of(narrow)
    context = {
        "period_label": period_label(narrow.period),
        "typed": request.query.get("month") or request.query.get("year", "") if problem else narrow.period,
        "chosen": chosen,
        "number": number,
        "page": page,
        "is_whole": page.cursor is None,
        "listed": page.first - 1 + len(page.posts),
        "is_first": not cursor,
        "first": urlencode(chosen),
        "next": urlencode({**chosen, "cursor": page.cursor}) if page.cursor else "",
        "back": f"/statistics/year?year={narrow.period}" if len(narrow.period) == 4 else f"/statistics?month={narrow.period}",
        "accounts": [(one.id, f"{one.name}（{CHANNEL_LABELS[one.channel]}）") for one in accounts],
        "sections": [(one.name, one.name) for one in all_sections if sees_section(reader, one.id)],
        "errors": messages(problem),
        "STATE_LABELS": STATE_LABELS,
        "CHANNEL_LABELS": CHANNEL_LABELS,
        "KIND_LABELS": KIND_LABELS,
        "ORIGIN_LABELS": ORIGIN_LABELS,
    }  # fmt: skip
    return render(request, "statistics/posts.html", context, status=problem.status if problem else 200)


def chosen_of(narrow: PostFilter) -> dict[str, str]:
    """The filter as the address bears it."""
    texts = {
        "year" if len(narrow.period) == 4 else "month": narrow.period,
        **{name: str(getattr(narrow, name) or "") for name in _CHOICES},
    }
    ticked = (narrow.withdrawn, narrow.contents, narrow.late, narrow.as_closed)
    texts |= {name: "1" for name, is_ticked in zip(_TICKED, ticked, strict=True) if is_ticked}
    return {name: text for name, text in texts.items() if text}


def _narrow(request: web.Request) -> PostFilter:
    text = {name: request.query.get(name, "").replace("\x00", "") for name in (*_CHOICES, *_TICKED)}
    return PostFilter(
        _period(request),
        account=text["account"] or None,
        channel=ChannelName(text["channel"]) if text["channel"] in set(ChannelName) else None,
        kind=Kind(text["kind"]) if text["kind"] in set(Kind) else None,
        section=text["section"] or None,
        origin=Origin(text["origin"]) if text["origin"] in set(Origin) else None,
        withdrawn=bool(text["withdrawn"]),
        contents=bool(text["first"]),
        late=bool(text["late"]),
        as_closed=bool(text["closed"]),
    )


def _period(request: web.Request) -> str:
    """A month or a year, whichever of the two fields it was typed into. Raises InvalidContent, at the field `period`."""
    typed = request.query.get("month") or request.query.get("year") or present_month(request)
    try:
        return f"{check_year(typed):04}" if len(typed) == 4 else check_month(typed)
    except InvalidContent:
        raise invalid("period", f"“{typed}”不是月份，也不是年份。请写成 2026-10 或 2026。") from None
