"""/statistics/indicators: the self-check of the accounts."""

from __future__ import annotations

from aiohttp import web

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation import clock
from outreach.people.contacts import KEEPING
from outreach.people.rules import may_any
from outreach.statistics.indicators.queries import MESSAGES_OF, self_check, terms_of
from outreach.statistics.indicators.rules import CALLBACK_LATELY
from outreach.statistics.quarters import quarter_of, read_quarter
from outreach.web import keys
from outreach.web.rendering import render


async def show(request: web.Request) -> web.Response:
    """GET /statistics/indicators?quarter=YYYY-Qn; without a quarter the present one."""
    office = keys.office_of(request)
    zone = office.settings.zone
    present = quarter_of(clock.today(zone))
    quarter = read_quarter(request.query["quarter"]) if "quarter" in request.query else present
    async with office.db.read() as session:
        checks = await self_check(session, clock.now(), zone, *quarter.moments(zone))
        terms = await terms_of(session)
    context = {
        "checks": checks,
        "terms": terms,
        "quarter": quarter,
        "present": present,
        "zone": office.settings.timezone,
        "lately_days": CALLBACK_LATELY.days,
        "messages_days": MESSAGES_OF.days,
        "may_keep_mail": may_any(keys.person_of(request), KEEPING),
        "CHANNEL_LABELS": CHANNEL_LABELS,
    }
    return render(request, "statistics/indicators.html", context)
