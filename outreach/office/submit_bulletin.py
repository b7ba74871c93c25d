"""The bulletin of a closed month is written and handed in for review."""

from __future__ import annotations

import asyncio

from outreach.foundation import clock
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.statistics.bulletin import write_bulletin
from outreach.statistics.report.model import ReportType, ReportVersion
from outreach.statistics.report.monthly import closed_month, submit_monthly
from outreach.statistics.report.queries import last_final


async def submit_bulletin(office: Office, by: Person, month: str) -> ReportVersion:
    """The bulletin of `month` (`YYYY-MM`) as it stands becomes a version; it is drawn and written outside of the
    transaction. Raises Forbidden, ClassificationMarkFound, NotPossible."""
    require(by, Act.KEEP_FIGURES)
    zone = office.settings.zone
    async with office.db.snapshot() as session:
        whole, bureau = await closed_month(session, month, zone)
        corrects = await last_final(session, ReportType.MONTHLY, month) is not None
    now = clock.now()
    written = await asyncio.to_thread(write_bulletin, whole, bureau, zone, now, corrects=corrects)
    async with office.db.begin() as session:
        return await submit_monthly(session, office.media, by, whole, bureau, written, zone)
