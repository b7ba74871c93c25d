"""/records/filing: reviewed records are packed for the archive (备案) on a page that grows meanwhile."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import structlog
from aiohttp import web

from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent, NotFound, Problem
from outreach.office.file_records import MOST_RECORDS, count_to_file, file_records, package_path
from outreach.web import keys
from outreach.web.growing_page import GrowingPage
from outreach.web.pages.records import chosen_of, narrow_of
from outreach.web.rendering import fragment, render
from outreach.web.sending import send_file

_MORE: Final = "<!-- more -->"
"""Stands twice in the page while it grows: where the steps go, and where the link to the package goes."""

_log = structlog.get_logger("outreach.web")


async def show(request: web.Request) -> web.Response:
    """GET /records/filing with the filters of the register"""
    try:
        count = await count_to_file(keys.office_of(request), keys.person_of(request), narrow_of(request))
    except (NotFound, InvalidContent) as problem:
        return _page(request, 0, problem=problem)
    return _page(request, count)


async def pack(request: web.Request) -> web.StreamResponse:
    """POST /records/filing with the filters of the register in its address. Who leaves the page stops it, and nothing
    is marked as filed."""
    office, person = keys.office_of(request), keys.person_of(request)
    beginning, between, rest = (_page(request, 0, grows=True).text or "").split(_MORE)
    async with GrowingPage(request) as page:

        async def tell(done: int, total: int) -> None:
            shown = fragment(request, "records/_filing_step.html", {"done": done, "total": total})
            await page.add(shown if done else beginning + shown)

        try:
            name = await file_records(office, person, narrow_of(request), tell)
        except ConnectionResetError:
            _log.info("filing stopped by its reader")
            return page.response
        except Problem as problem:
            if not page.response.prepared:
                raise
            end = fragment(request, "records/_filing_end.html", {"problem": problem, "name": None})
            return await page.end(between + end + rest)
        end = fragment(request, "records/_filing_end.html", {"problem": None, "name": name})
        return await page.end(between + end + rest)


async def download(request: web.Request) -> web.StreamResponse:
    """GET /records/filing/{name}.zip"""
    path = package_path(keys.office_of(request), keys.person_of(request), request.match_info["name"])
    return await send_file(
        request, path, f"审查记录备案-{clock.today(clock.SHANGHAI)}.zip", "application/zip"
    )


def _page(
    request: web.Request, count: int, *, grows: bool = False, problem: Problem | None = None
) -> web.Response:
    context = {
        "count": count,
        "query": urlencode(chosen_of(request)),
        "most": MOST_RECORDS,
        "grows": grows,
        "problem": problem,
    }
    return render(request, "records/filing.html", context, status=problem.status if problem else 200)
