"""/statistics/reads: how often the articles of a month were read, and who came and who left."""

from __future__ import annotations

from datetime import date, timedelta

from aiohttp import web

from outreach.channels.queries import list_accounts
from outreach.foundation import clock
from outreach.foundation.problems import InvalidContent
from outreach.statistics.reads.queries import article_reads, fetch_problems, follower_days
from outreach.statistics.rules import check_month, month_of
from outreach.web import keys
from outreach.web.forms import messages
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /statistics/reads?month=YYYY-MM; without a month the present one."""
    present = month_of(clock.now(), keys.office_of(request).settings.zone)
    try:
        month = check_month(request.query["month"]) if "month" in request.query else present
    except InvalidContent as problem:
        return await _page(request, present, present, problem)
    return await _page(request, month, present)


async def _page(
    request: web.Request, month: str, present: str, problem: InvalidContent | None = None
) -> web.Response:
    office = keys.office_of(request)
    async with office.db.read() as session:
        articles = await article_reads(session, keys.person_of(request), month, office.settings.zone)
        days, problems = await follower_days(session, month), await fetch_problems(session)
        names = {account.id: account.name for account in await list_accounts(session)}
    first = date.fromisoformat(f"{month}-01")
    context = {
        "month": month,
        "month_label": f"{first.year}年{first.month}月",
        "previous": f"{first - timedelta(days=1):%Y-%m}",
        "next": f"{first + timedelta(days=31):%Y-%m}" if month < present else None,
        "present": present,
        "typed": request.query.get("month", "") if problem else month,
        "articles": articles,
        "days": days,
        "names": names,
        "problems": [(names[account_id], told) for account_id, told in problems.items()],
        "errors": messages(problem),
    }
    return render(request, "statistics/reads.html", context, status=problem.status if problem else 200)
