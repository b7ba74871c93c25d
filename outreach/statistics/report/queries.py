"""The read side of reports: their versions, the decisions on them, the years that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from outreach.foundation.problems import NotFound
from outreach.people.model import Person
from outreach.statistics.report.model import (
    Layer,
    ReportDecision,
    ReportParagraph,
    ReportType,
    ReportVersion,
    VersionState,
    YearlyFigure,
)
from outreach.statistics.report.rules import STAGE_OF, decides_at

_LISTED = (
    *(ReportVersion.type, ReportVersion.period, ReportVersion.number, ReportVersion.title),
    *(ReportVersion.state, ReportVersion.submitted_at, ReportVersion.submitted_by_name),
    *(ReportVersion.content_hash, ReportVersion.final_on),
)


@dataclass(frozen=True, slots=True)
class YearOfReports:
    """A year that has figures or versions: how many figures were typed and imported, and its newest version."""

    year: int
    typed: int
    imported: int
    newest: ReportVersion | None


async def versions_of(session: AsyncSession, type_: ReportType, period: str) -> Sequence[ReportVersion]:
    """All versions of that report without their contents, the newest first."""
    query = select(ReportVersion).where(ReportVersion.type == type_, ReportVersion.period == period)
    return (
        await session.scalars(query.order_by(ReportVersion.number.desc()).options(load_only(*_LISTED)))
    ).all()


async def get_version(session: AsyncSession, type_: ReportType, period: str, number: int) -> ReportVersion:
    """One version with its content. Raises NotFound."""
    query = select(ReportVersion).where(
        ReportVersion.type == type_, ReportVersion.period == period, ReportVersion.number == number
    )
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise NotFound("没有这一版报告。")
    return found


async def decisions_of(session: AsyncSession, version: ReportVersion) -> Sequence[ReportDecision]:
    """What was decided on the version, in its order."""
    query = select(ReportDecision).where(ReportDecision.version_id == version.id)
    return (await session.scalars(query.order_by(ReportDecision.at))).all()


async def versions_waiting_for(session: AsyncSession, person: Person) -> Sequence[ReportVersion]:
    """The versions of all reports at stages at which the person decides and of which they are no author, the first
    submitted first."""
    states = [state for state, stage in STAGE_OF.items() if decides_at(person, stage)]
    if not states:
        return []
    query = select(ReportVersion).where(ReportVersion.state.in_(states)).order_by(ReportVersion.submitted_at)
    columns = (*_LISTED, ReportVersion.author_ids)
    waiting = await session.scalars(query.options(load_only(*columns)))
    return [one for one in waiting if person.id not in one.author_ids]


async def years_of_reports(session: AsyncSession) -> list[YearOfReports]:
    """The years that have figures, paragraphs or versions of the annual report, the newest first."""
    counts = {
        (year, layer): number
        for year, layer, number in await session.execute(
            select(YearlyFigure.year, YearlyFigure.layer, func.count()).group_by(
                YearlyFigure.year, YearlyFigure.layer
            )
        )
    }
    query = select(ReportVersion).where(ReportVersion.type == ReportType.ANNUAL)
    newest: dict[int, ReportVersion] = {}
    for version in await session.scalars(query.order_by(ReportVersion.number).options(load_only(*_LISTED))):
        newest[int(version.period)] = version
    written = await session.scalars(
        select(ReportParagraph.period).where(ReportParagraph.type == ReportType.ANNUAL).distinct()
    )
    years = {year for year, _ in counts} | set(newest) | {int(period) for period in written}
    return [
        YearOfReports(
            year,
            counts.get((year, Layer.TYPED), 0),
            counts.get((year, Layer.IMPORTED), 0),
            newest.get(year),
        )
        for year in sorted(years, reverse=True)
    ]


async def newest_bulletins(session: AsyncSession) -> list[ReportVersion]:
    """The newest version of each month's bulletin, the newest month first."""
    query = select(ReportVersion).where(ReportVersion.type == ReportType.MONTHLY)
    ordered = query.order_by(ReportVersion.period.desc(), ReportVersion.number)
    newest: dict[str, ReportVersion] = {}
    for version in await session.scalars(ordered.options(load_only(*_LISTED))):
        newest[version.period] = version
    return list(newest.values())


async def last_final(session: AsyncSession, type_: ReportType, period: str) -> ReportVersion | None:
    """The final version that was signed off last."""
    query = select(ReportVersion).where(
        ReportVersion.type == type_,
        ReportVersion.period == period,
        ReportVersion.state == VersionState.FINAL,
    )
    return (await session.scalars(query.order_by(ReportVersion.number.desc()).limit(1))).one_or_none()
