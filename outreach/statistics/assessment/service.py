"""The office sets its rules, enters what only people know, and closes quarters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.foundation.problems import FieldError, InvalidContent, NotFound, NotPossible, StaleState
from outreach.people.model import Person, Section
from outreach.people.rules import Act, require
from outreach.screening.marks import doorkeeper
from outreach.statistics.assessment.model import (
    AssessmentEntry,
    AssessmentEvidence,
    AssessmentQuarter,
    AssessmentScheme,
    AssessmentStanding,
)
from outreach.statistics.assessment.queries import Sheet, computed, scheme_in_force
from outreach.statistics.assessment.rules import Measure, read_scheme
from outreach.statistics.quarters import Quarter, quarter_of

REASON_LENGTH = 150
_MOST = 999


async def save_scheme(
    session: AsyncSession, by: Person, typed: Mapping[str, str], *, number: int
) -> AssessmentScheme:
    """A new edition of the rules, in force for every quarter that is not closed. `number` is the edition that `by`
    read, 0 where there was none.

    Raises:
        Forbidden, InvalidContent, ClassificationMarkFound.
        StaleState: somebody else has saved rules meanwhile.
    """
    require(by, Act.KEEP_FIGURES)
    (await doorkeeper(session)).refuse_texts(basis=typed.get("basis", ""))
    scheme = read_scheme(typed)
    before = (await scheme_in_force(session)).edition
    values = {
        "number": number + 1,
        "base": str(scheme.base),
        "rules": [
            {"measure": one.measure, "weight": str(one.weight), "cap": str(one.cap)} for one in scheme.rules
        ],
        "basis": typed["basis"].strip(),
        "saved_by_id": by.id,
        "saved_by_name": by.name,
        "saved_at": clock.now(),
    }
    inserted = insert_into(session, AssessmentScheme).values(values).on_conflict_do_nothing()
    stale = number != (before.number if before else 0)
    if stale or await session.scalar(inserted.returning(AssessmentScheme.number)) is None:
        raise StaleState("考核规则刚刚被他人修改，请刷新页面，看过新的规则后再修改。")
    await audit.record(session, by, "assessment.rules", "assessment_scheme", str(number + 1))
    return await session.get_one(AssessmentScheme, number + 1)


async def add_entry(
    session: AsyncSession, by: Person, quarter: Quarter, section_id: str, typed: Mapping[str, str]
) -> AssessmentEntry:
    """Counts by hand what the system can't know, or takes back what should not count. `typed`: `measure`, `amount`
    (not zero), `reason`.

    Raises:
        Forbidden, NotFound, InvalidContent, ClassificationMarkFound.
        NotPossible: the quarter is closed.
    """
    require(by, Act.KEEP_FIGURES)
    if await session.get(Section, section_id) is None:
        raise NotFound("没有这个科室。")
    reason = typed.get("reason", "").strip()
    (await doorkeeper(session)).refuse_texts(reason=reason)
    measure, amount = _read_entry(typed, reason)
    await _require_open(session, quarter)
    entry = AssessmentEntry(
        quarter=str(quarter),
        section_id=section_id,
        measure=measure,
        amount=amount,
        reason=reason,
        by_id=by.id,
        by_name=by.name,
        at=clock.now(),
    )
    session.add(entry)
    await session.flush()
    await audit.record(
        session, by, "assessment.enter", "assessment_entry", entry.id,
        quarter=quarter, section=section_id, measure=measure, amount=amount,
    )  # fmt: skip
    return entry


async def revoke_entry(session: AsyncSession, by: Person, entry_id: str) -> None:
    """It counts no more, and stays to be seen in the audit log. Raises Forbidden, NotFound, NotPossible."""
    require(by, Act.KEEP_FIGURES)
    entry = await session.get(AssessmentEntry, entry_id)
    if entry is None or entry.revoked_at is not None:
        raise NotFound("没有这条登记，或已撤销。")
    await _require_open(session, Quarter(int(entry.quarter[:4]), int(entry.quarter[-1])))
    revoked = update(AssessmentEntry).where(
        AssessmentEntry.id == entry_id, AssessmentEntry.revoked_at.is_(None)
    )
    await session.execute(revoked.values(revoked_at=clock.now(), revoked_by_name=by.name))
    await audit.record(session, by, "assessment.revoke", "assessment_entry", entry_id)


async def close_quarter(session: AsyncSession, by: Person, quarter: Quarter, zone: ZoneInfo) -> Sheet:
    """Standings, points and evidence are kept as they are now, whatever happens later.

    Raises:
        Forbidden.
        NotPossible: the quarter has not ended, or is closed already.
    """
    require(by, Act.KEEP_FIGURES)
    today = clock.today(zone)
    if quarter >= quarter_of(today):
        raise NotPossible(f"{quarter.label}还没有结束，不能定稿。")
    await audit.hold(session)  # an entry that is made meanwhile is in, or comes too late
    await _require_open(session, quarter)
    return await _freeze(session, by, quarter, today, zone)


async def _freeze(session: AsyncSession, by: Person, quarter: Quarter, today: date, zone: ZoneInfo) -> Sheet:
    sheet, found = await computed(session, quarter, today, zone)
    edition, key = sheet.in_force.edition, str(quarter)
    session.add(
        AssessmentQuarter(
            quarter=key,
            scheme_number=edition.number if edition else None,
            base=str(sheet.base),
            closed_by_id=by.id,
            closed_by_name=by.name,
            closed_at=clock.now(),
        )
    )
    await session.flush()
    session.add_all(
        AssessmentStanding(
            quarter=key,
            section_id=line.section_id,
            section_name=line.section,
            amounts={one.value: amount for one, amount in line.amounts.items()},
            points={one.value: str(point) for one, point in line.points.items()},
            total=str(line.total),
            rank=line.rank,
            due=line.due,
            in_time=line.in_time,
        )
        for line in sheet.lines
    )
    await session.flush()
    rows = [
        {
            "id": new_id(),
            "quarter": key,
            "section_id": one.section_id,
            "measure": one.measure,
            "subject": one.subject,
            "subject_id": one.subject_id,
            "amount": one.amount,
            "on": one.on,
            "note": one.note,
        }
        for one in found.evidence
    ]
    if rows:
        await session.execute(insert(AssessmentEvidence), rows)
    await audit.record(session, by, "assessment.close", "assessment_quarter", key, evidence=len(rows))
    return sheet


async def _require_open(session: AsyncSession, quarter: Quarter) -> None:
    await audit.hold(session)
    if await session.get(AssessmentQuarter, str(quarter), populate_existing=True) is not None:
        raise NotPossible(f"{quarter.label}已经定稿，不能再改。")


def _read_entry(typed: Mapping[str, str], reason: str) -> tuple[Measure, int]:
    """Raises InvalidContent."""
    errors = []
    measure, amount = typed.get("measure", ""), typed.get("amount", "").strip()
    if measure not in set(Measure):
        errors.append(FieldError("measure", "请选择项目。"))
    digits = amount.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits) <= _MOST):
        errors.append(FieldError("amount", f"请填写 1 至 {_MOST} 的整数；要扣回的写成负数，例如 -1。"))
    if not 0 < len(reason) <= REASON_LENGTH:
        errors.append(FieldError("reason", f"请写明事由和依据，最多 {REASON_LENGTH} 个字。"))
    if errors:
        raise InvalidContent("登记有内容需要修改，请看各栏下的说明。", errors=errors)
    return Measure(measure), int(amount)
