"""A final bulletin goes by e-mail to whoever is to have it, on the first working day, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.calendar import Entered, add_working_days
from outreach.catalogue.queries import entered_holidays
from outreach.foundation import audit, clock
from outreach.foundation.audit import SERVICE
from outreach.foundation.mail import Mail, drop_waiting, queue_mail
from outreach.people.contacts import Purpose, contacts_for
from outreach.statistics.model import ClosedMonth
from outreach.statistics.queries.year import first_own_month
from outreach.statistics.report.model import ReportMail, ReportType, ReportVersion, VersionState
from outreach.statistics.report.monthly import bulletin_of
from outreach.statistics.report.queries import last_final, versions_of
from outreach.statistics.rules import month_of, neighbour

HOUR: Final = time(9)
"""When the day's mail goes out, Asia/Shanghai."""


@dataclass(frozen=True, slots=True)
class OwedBulletin:
    """A month whose bulletin is due since `since` and not final; `newest` is its last version, where there is one."""

    month: str
    since: date
    is_closed: bool
    newest: ReportVersion | None


def first_working_day(month: str, entered: Entered) -> date:
    """The first working day after `month` (`YYYY-MM`): on that day its bulletin is due."""
    following = date.fromisoformat(f"{neighbour(month, 1)}-01")
    return add_working_days(following - timedelta(days=1), 1, entered)[0]


def sending_time(month: str, entered: Entered) -> datetime:
    """From when on the bulletin of `month` may go out."""
    return datetime.combine(first_working_day(month, entered), HOUR, clock.SHANGHAI)


async def queue_bulletin(
    session: AsyncSession, version: ReportVersion, subject: str, text: str
) -> Sequence[Mail]:
    """Writes to everybody in the address book who gets the bulletin, with the signed file, in the transaction that made
    the version final. What still waits of earlier versions is not sent any more."""
    await _drop_earlier(session, version)
    due = sending_time(version.period, await entered_holidays(session))
    to = await contacts_for(session, Purpose.BULLETIN)
    file = bulletin_of(version).file
    mails = await queue_mail(session, to, subject, text, [file], not_before=due)
    session.add_all(
        ReportMail(version_id=version.id, address=one.to_address, mail_id=one.id) for one in mails
    )
    await session.flush()
    await audit.record(
        session, SERVICE, "report.send", "report", version.id,
        type=version.type.value, period=version.period, number=version.number, mails=len(mails),
    )  # fmt: skip
    return mails


async def earlier_final(session: AsyncSession, version: ReportVersion) -> int | None:
    """The number of the final version that this one corrects; None where it is the first."""
    query = _finals_before(version).order_by(ReportVersion.number.desc()).limit(1)
    found = (await session.scalars(query)).one_or_none()
    return found.number if found else None


async def mails_of(session: AsyncSession, version: ReportVersion) -> Sequence[Mail]:
    """The mails by which the version goes out, by the names of who gets them."""
    query = select(Mail).join(ReportMail, ReportMail.mail_id == Mail.id)
    return (
        await session.scalars(query.where(ReportMail.version_id == version.id).order_by(Mail.to_name))
    ).all()


async def owed_bulletin(session: AsyncSession, now: datetime) -> OwedBulletin | None:
    """Last month, where its bulletin is due and not final. Of months before the service's own first post nothing is
    owed."""
    month = neighbour(month_of(now, clock.SHANGHAI), -1)
    start = await first_own_month(session)
    if start is None or start > month:
        return None
    since = first_working_day(month, await entered_holidays(session))
    if now.astimezone(clock.SHANGHAI).date() < since:
        return None
    if await last_final(session, ReportType.MONTHLY, month) is not None:
        return None
    versions = await versions_of(session, ReportType.MONTHLY, month)
    closed = await session.get(ClosedMonth, month)
    return OwedBulletin(month, since, closed is not None, versions[0] if versions else None)


async def _drop_earlier(session: AsyncSession, version: ReportVersion) -> None:
    earlier = _finals_before(version).with_only_columns(ReportVersion.id)
    written = await session.scalars(select(ReportMail.mail_id).where(ReportMail.version_id.in_(earlier)))
    await drop_waiting(session, written.all())


def _finals_before(version: ReportVersion) -> Select[ReportVersion]:
    return select(ReportVersion).where(
        ReportVersion.type == version.type,
        ReportVersion.period == version.period,
        ReportVersion.state == VersionState.FINAL,
        ReportVersion.number < version.number,
    )
