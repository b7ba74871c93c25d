"""What is behind the points of a quarter that is not closed: read from what happened."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item, ItemState, Origin
from outreach.items.rules import STAGE_LABELS
from outreach.people.model import Person, PersonSection
from outreach.publishing.model import Post
from outreach.review.model import Decision, DecisionKind
from outreach.screening.model import Finding, Judgement, MarkIncident
from outreach.screening.rules import LABELS, Severity
from outreach.sealing.model import SealCase, Verdict
from outreach.statistics.assessment.model import AssessmentEntry
from outreach.statistics.assessment.rules import Measure
from outreach.statistics.quarters import Quarter

_NOT_OWED: Final = (ItemState.REFUSED, ItemState.SEALED)


class Subject(StrEnum):
    """What a piece of evidence is about."""

    ITEM = "item"
    CASE = "case"
    INCIDENT = "incident"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that counts for a section; `section_id` None where nobody can say whose it was. `note` is Chinese and
    holds no word of an item."""

    measure: Measure
    section_id: str | None
    subject: Subject
    subject_id: str
    on: date
    note: str
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Happened:
    """All that counts in a quarter, and how many items of each section fell due in it, and how many of them in time."""

    evidence: list[Evidence]
    due: Counter[str]
    in_time: Counter[str]


async def happened(session: AsyncSession, quarter: Quarter, today: date, zone: ZoneInfo) -> Happened:
    """What counts in `quarter` as it stands on the day `today`."""
    begin, end = quarter.moments(zone)
    late, due, in_time = await _late(session, quarter, today, zone)
    evidence = [
        *late,
        *await _originals(session, begin, end, zone),
        *await _returned(session, begin, end, zone),
        *await _findings(session, begin, end, zone),
        *await _cases(session, begin, end, zone),
        *await _incidents(session, begin, end, zone),
        *await entries(session, quarter, zone),
    ]
    return Happened(evidence, due, in_time)


async def entries(session: AsyncSession, quarter: Quarter, zone: ZoneInfo) -> list[Evidence]:
    """What was entered by hand and not revoked."""
    query = select(AssessmentEntry).where(
        AssessmentEntry.quarter == str(quarter), AssessmentEntry.revoked_at.is_(None)
    )
    return [
        Evidence(
            one.measure,
            one.section_id,
            Subject.ENTRY,
            one.id,
            one.at.astimezone(zone).date(),
            f"{one.reason}（{one.by_name}登记）",
            one.amount,
        )
        for one in await session.scalars(query.order_by(AssessmentEntry.id))
    ]


async def _late(
    session: AsyncSession, quarter: Quarter, today: date, zone: ZoneInfo
) -> tuple[list[Evidence], Counter[str], Counter[str]]:
    """Items are late on the day after their deadline. Each counts in the quarter of its deadline, once."""
    query = (
        select(Item.id, Item.section_id, Item.deadline, Item.state, Post.published_at)
        .outerjoin(Post, Post.id == Item.first_post_id)
        .where(Item.deadline >= quarter.first_day, Item.deadline <= quarter.last_day, Item.deadline < today)
        .order_by(Item.deadline, Item.id)
    )
    late, due, in_time = [], Counter[str](), Counter[str]()
    for item_id, section_id, deadline, state, published_at in await session.execute(query):
        out = published_at.astimezone(zone).date() if published_at else None
        if out is None and state in _NOT_OWED:
            continue
        due[section_id] += 1
        if out is None or out > deadline:
            told = f"期限 {deadline}，" + (f"{out} 公开" if out else "没有公开")
            late.append(Evidence(Measure.LATE, section_id, Subject.ITEM, item_id, deadline, told))
        else:
            in_time[section_id] += 1
    return late, due, in_time


async def _originals(session: AsyncSession, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Evidence]:
    query = (
        select(Item.id, Item.section_id, Post.published_at)
        .join(Post, Post.id == Item.first_post_id)
        .where(
            Post.published_at >= begin,
            Post.published_at < end,
            Post.origin == Origin.ORIGINAL,
            Post.is_correction.is_(False),
        )
        .order_by(Post.published_at, Item.id)
    )
    return [
        Evidence(Measure.ORIGINALS, section_id, Subject.ITEM, item_id, at.astimezone(zone).date(), "首次公开")
        for item_id, section_id, at in await session.execute(query)
        if at is not None
    ]


async def _returned(session: AsyncSession, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Evidence]:
    query = (
        select(Decision.item_id, Item.section_id, Decision.at, Decision.stage, Decision.revision)
        .join(Item, Item.id == Decision.item_id)
        .where(Decision.kind == DecisionKind.RETURN, Decision.at >= begin, Decision.at < end)
        .order_by(Decision.at)
    )
    return [
        Evidence(
            Measure.RETURNED,
            section_id,
            Subject.ITEM,
            item_id,
            at.astimezone(zone).date(),
            f"第 {revision} 版在{STAGE_LABELS[stage]}退回",
        )
        for item_id, section_id, at, stage, revision in await session.execute(query)
    ]


async def _findings(session: AsyncSession, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Evidence]:
    """Of each revision that had any, all its findings are one incident, on the day of the first judgement."""
    query = (
        select(Finding.item_id, Finding.revision, Item.section_id, Finding.judged_at, Finding.label)
        .join(Item, Item.id == Finding.item_id)
        .where(
            Finding.severity == Severity.BLOCK,
            Finding.judgement == Judgement.REAL,
            Finding.judged_at >= begin,
            Finding.judged_at < end,
        )
        .order_by(Finding.judged_at, Finding.id)
    )
    labels: defaultdict[tuple[str, int, str], list[str]] = defaultdict(list)
    days: dict[tuple[str, int, str], date] = {}
    for item_id, revision, section_id, at, label in await session.execute(query):
        key = (item_id, revision, section_id)
        labels[key].append(LABELS[label])
        days.setdefault(key, (at or begin).astimezone(zone).date())
    return [
        Evidence(
            Measure.INCIDENTS,
            section_id,
            Subject.ITEM,
            item_id,
            days[item_id, revision, section_id],
            f"第 {revision} 版初筛属实：{'、'.join(dict.fromkeys(found))}",
        )
        for (item_id, revision, section_id), found in labels.items()
    ]


async def _cases(session: AsyncSession, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Evidence]:
    query = (
        select(SealCase.id, Item.section_id, SealCase.sealed_at, SealCase.verdict)
        .join(Item, Item.id == SealCase.item_id)
        .where(SealCase.sealed_at >= begin, SealCase.sealed_at < end)
        .order_by(SealCase.sealed_at)
    )
    return [
        Evidence(
            Measure.INCIDENTS,
            section_id,
            Subject.CASE,
            case_id,
            at.astimezone(zone).date(),
            "封存，" + ("确属涉密" if verdict is Verdict.CONFIRMED else "尚未认定"),
        )
        for case_id, section_id, at, verdict in await session.execute(query)
        if verdict is not Verdict.FALSE_ALARM
    ]


async def _incidents(session: AsyncSession, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Evidence]:
    """Whoever belongs to one section brought it there; of others nobody can say whose it was."""
    query = (
        select(MarkIncident.id, MarkIncident.happened_at, MarkIncident.person_id, Person.all_sections)
        .outerjoin(Person, Person.id == MarkIncident.person_id)
        .where(MarkIncident.happened_at >= begin, MarkIncident.happened_at < end)
        .order_by(MarkIncident.happened_at)
    )
    found = (await session.execute(query)).all()
    sections: defaultdict[str, list[str]] = defaultdict(list)
    people = {row.person_id for row in found if row.person_id and not row.all_sections}
    belongs = select(PersonSection.person_id, PersonSection.section_id)
    for person_id, section_id in await session.execute(belongs.where(PersonSection.person_id.in_(people))):
        sections[person_id].append(section_id)
    return [
        Evidence(
            Measure.INCIDENTS,
            of[0] if len(of := sections.get(person_id or "", [])) == 1 else None,
            Subject.INCIDENT,
            incident_id,
            at.astimezone(zone).date(),
            "带密级标志的文字被拒收",
        )
        for incident_id, at, person_id, _ in found
    ]
