"""The sheets of the assessment: a quarter as it stands or as it was closed, and a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item, ItemState
from outreach.people.model import Person, Section
from outreach.people.queries import sections as all_sections
from outreach.people.rules import sees_section
from outreach.statistics.assessment.evidence import Evidence, Happened, Subject, happened
from outreach.statistics.assessment.model import (
    AssessmentEvidence,
    AssessmentQuarter,
    AssessmentScheme,
    AssessmentStanding,
)
from outreach.statistics.assessment.rules import DEFAULT, Measure, Rule, Scheme, mean, ranks
from outreach.statistics.quarters import Quarter, quarter_of


class InForce(NamedTuple):
    """A scheme, and the edition it stands in; None where it is what ships."""

    scheme: Scheme
    edition: AssessmentScheme | None


@dataclass(frozen=True, slots=True)
class Line:
    """A section in a quarter. `due`: how many of its items fell due, `in_time` how many of them were public by then."""

    section_id: str
    section: str
    amounts: dict[Measure, int]
    points: dict[Measure, Decimal]
    total: Decimal
    rank: int
    due: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A quarter: best section first. `unattributed` counts for nobody."""

    quarter: Quarter
    base: Decimal
    in_force: InForce
    lines: list[Line]
    unattributed: list[Evidence]
    closed: AssessmentQuarter | None


@dataclass(frozen=True, slots=True)
class YearLine:
    """A section in a year: its points in each quarter that has begun, and their mean."""

    section_id: str
    section: str
    totals: dict[Quarter, Decimal]
    mean: Decimal
    rank: int


async def scheme_in_force(session: AsyncSession) -> InForce:
    """The newest rules, else what ships."""
    query = select(AssessmentScheme).order_by(AssessmentScheme.number.desc()).limit(1)
    edition = await session.scalar(query)
    return InForce(scheme_of(edition) if edition else DEFAULT, edition)


async def editions(session: AsyncSession) -> Sequence[AssessmentScheme]:
    """Every edition of the rules, the newest first."""
    return (await session.scalars(select(AssessmentScheme).order_by(AssessmentScheme.number.desc()))).all()


def scheme_of(edition: AssessmentScheme) -> Scheme:
    """The rules of an edition; a measure that it did not know counts nothing."""
    stored = {one["measure"]: one for one in edition.rules}
    nothing = {"weight": "0", "cap": "0"}
    rules = (
        Rule(one, Decimal(kept["weight"]), Decimal(kept["cap"]))
        for one in Measure
        for kept in [stored.get(one.value, nothing)]
    )
    return Scheme(Decimal(edition.base), tuple(rules))


async def quarter_sheet(session: AsyncSession, quarter: Quarter, today: date, zone: ZoneInfo) -> Sheet:
    """The quarter as it was closed, else as it stands on `today`."""
    closed = await session.get(AssessmentQuarter, str(quarter))
    if closed is not None:
        return await _closed_sheet(session, quarter, closed)
    return (await computed(session, quarter, today, zone))[0]


async def computed(
    session: AsyncSession, quarter: Quarter, today: date, zone: ZoneInfo
) -> tuple[Sheet, Happened]:
    """The quarter as it stands on `today`, and all that is behind it."""
    in_force, found = await scheme_in_force(session), await happened(session, quarter, today, zone)
    amounts: Counter[tuple[str | None, Measure]] = Counter()
    for one in found.evidence:
        amounts[one.section_id, one.measure] += one.amount
    lines = _ranked(await all_sections(session), in_force.scheme, amounts, found)
    nobodys = [one for one in found.evidence if one.section_id is None]
    return Sheet(quarter, in_force.scheme.base, in_force, lines, nobodys, None), found


async def evidence_by_section(
    session: AsyncSession, quarter: Quarter, today: date, zone: ZoneInfo
) -> dict[str, list[Evidence]]:
    """What is behind the points of each section that has any, by measure, then by day."""
    if await session.get(AssessmentQuarter, str(quarter)) is not None:
        found = await _stored_evidence(session, quarter)
    else:
        found = (await happened(session, quarter, today, zone)).evidence
    order = list(Measure)
    by_section: dict[str, list[Evidence]] = {}
    for one in sorted(found, key=lambda one: (order.index(one.measure), one.on)):
        if one.section_id is not None:
            by_section.setdefault(one.section_id, []).append(one)
    return by_section


async def titles_of(session: AsyncSession, found: Sequence[Evidence], reader: Person) -> dict[str, str]:
    """What the items are called today, by their ids; those that are sealed, or not for `reader`'s eyes, are not told."""
    ids = {one.subject_id for one in found if one.subject is Subject.ITEM}
    query = select(Item.id, Item.title, Item.state, Item.section_id).where(Item.id.in_(ids))
    return {
        item_id: title
        for item_id, title, state, section_id in await session.execute(query)
        if state is not ItemState.SEALED and sees_section(reader, section_id)
    }


async def year_lines(session: AsyncSession, year: int, today: date, zone: ZoneInfo) -> list[YearLine]:
    """The year's ranking by the mean of the quarters that have begun, from the one on in which the first item was
    entered; none where there is none."""
    entered_at = await session.scalar(select(func.min(Item.created_at)))
    begin = quarter_of(entered_at.astimezone(zone).date()) if entered_at else quarter_of(today)
    quarters = [
        one for one in (Quarter(year, number) for number in range(1, 5)) if begin <= one <= quarter_of(today)
    ]
    totals: dict[tuple[str, str], dict[Quarter, Decimal]] = {}
    for quarter in quarters:
        for line in (await quarter_sheet(session, quarter, today, zone)).lines:
            totals.setdefault((line.section_id, line.section), {})[quarter] = line.total
    means = [mean(list(one.values())) for one in totals.values()]
    lines = [
        YearLine(section_id, name, of_quarters, average, rank)
        for ((section_id, name), of_quarters), average, rank in zip(
            totals.items(), means, ranks(means), strict=True
        )
    ]
    return sorted(lines, key=lambda one: (one.rank, one.section))


def _ranked(
    sections: Sequence[Section],
    scheme: Scheme,
    amounts: Counter[tuple[str | None, Measure]],
    found: Happened,
) -> list[Line]:
    counted = [{one: amounts[section.id, one] for one in Measure} for section in sections]
    points = [scheme.points(one) for one in counted]
    totals = [scheme.total(one) for one in points]
    lines = [
        Line(
            section.id,
            section.name,
            amount,
            point,
            total,
            rank,
            found.due[section.id],
            found.in_time[section.id],
        )
        for section, amount, point, total, rank in zip(
            sections, counted, points, totals, ranks(totals), strict=True
        )
    ]
    return sorted(lines, key=lambda one: (one.rank, one.section))


async def _closed_sheet(session: AsyncSession, quarter: Quarter, closed: AssessmentQuarter) -> Sheet:
    edition = await session.get(AssessmentScheme, closed.scheme_number) if closed.scheme_number else None
    query = select(AssessmentStanding).where(AssessmentStanding.quarter == str(quarter))
    rows = await session.scalars(query.order_by(AssessmentStanding.rank, AssessmentStanding.section_name))
    lines = [
        Line(
            row.section_id,
            row.section_name,
            {one: row.amounts.get(one.value, 0) for one in Measure},
            {one: Decimal(row.points.get(one.value, "0")) for one in Measure},
            Decimal(row.total),
            row.rank,
            row.due,
            row.in_time,
        )
        for row in rows
    ]
    in_force = InForce(scheme_of(edition) if edition else DEFAULT, edition)
    nobodys = [one for one in await _stored_evidence(session, quarter) if one.section_id is None]
    return Sheet(quarter, Decimal(closed.base), in_force, lines, nobodys, closed)


async def _stored_evidence(session: AsyncSession, quarter: Quarter) -> list[Evidence]:
    query = select(AssessmentEvidence).where(AssessmentEvidence.quarter == str(quarter))
    return [
        Evidence(
            row.measure, row.section_id, Subject(row.subject), row.subject_id, row.on, row.note, row.amount
        )
        for row in await session.scalars(query)
    ]
