"""A decision on a version of a report; a bulletin that is final by it goes to whoever is to have it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.office.mail_words import mail_words
from outreach.people.model import Person
from outreach.settings import Settings
from outreach.statistics.report.model import ReportDecisionKind, ReportType, ReportVersion, VersionState
from outreach.statistics.report.monthly import bulletin_of
from outreach.statistics.report.sending import earlier_final, queue_bulletin
from outreach.statistics.report.versions import decide_version
from outreach.statistics.rules import month_label


async def decide_report(
    session: AsyncSession,
    settings: Settings,
    by: Person,
    version: ReportVersion,
    kind: ReportDecisionKind,
    opinion: str,
    *,
    content_hash: str,
) -> None:
    """Records the decision (`versions.decide_version`, whose errors it raises). Where it makes a bulletin final, the
    mails are written in the same transaction."""
    await decide_version(session, by, version, kind, opinion, content_hash=content_hash)
    if version.type is ReportType.MONTHLY and version.state is VersionState.FINAL:
        bulletin = bulletin_of(version)
        words = mail_words(
            "bulletin",
            bureau=bulletin.bureau,
            has_changes=bool(bulletin.figures["corrections"]),
            month=month_label(version.period),
            version=version,
            corrects=await earlier_final(session, version),
        )
        await queue_bulletin(session, version, *words)
