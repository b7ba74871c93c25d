"""How good the screening is: how often each rule was right, by what reviewers said of its findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation.clock import SHANGHAI
from outreach.items.model import Revision
from outreach.screening.model import Finding, Judgement


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What one rule found and what became of it: `real` 属实, `false_alarm` 误报, the others nobody has judged."""

    found: int = 0
    real: int = 0
    false_alarm: int = 0

    @property
    def undecided(self) -> int:
        """Findings of which nobody has said anything."""
        return self.found - self.real - self.false_alarm

    @property
    def share_right(self) -> float | None:
        """The share of real ones among those that were judged, 0 to 1; None where none was."""
        judged = self.real + self.false_alarm
        return self.real / judged if judged else None

    def __add__(self, other: RuleCount) -> RuleCount:
        return RuleCount(
            self.found + other.found, self.real + other.real, self.false_alarm + other.false_alarm
        )


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """A rule by its stable name, what it looks for, and its counts by month (its first day)."""

    rule: str
    label: str
    months: dict[date, RuleCount]

    @property
    def total(self) -> RuleCount:
        """All months together."""
        return sum(self.months.values(), RuleCount())


def last_months(today: date, number: int) -> list[date]:
    """The first days of the `number` months that end with that of `today`, the earliest first."""
    counted = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(counted - number + 1, counted + 1)]


async def rules_quality(session: AsyncSession, months: list[date]) -> list[RuleQuality]:
    """Every rule that found something in a revision submitted in one of `months` (first days, without a gap, in
    order; Asia/Shanghai), the one that found most first. Each submitted revision counts for itself."""
    begins = [datetime.combine(month, time(), SHANGHAI) for month in months]
    month = case(
        *((Revision.submitted_at < end, number) for number, end in enumerate(begins[1:])),
        else_=len(months) - 1,
    )
    query = (
        select(
            Finding.rule,
            Finding.label,
            month,
            func.count(),
            func.count(case((Finding.judgement == Judgement.REAL, 1))),
            func.count(case((Finding.judgement == Judgement.FALSE_ALARM, 1))),
        )
        .join(Revision, (Revision.item_id == Finding.item_id) & (Revision.number == Finding.revision))
        .where(Revision.submitted_at >= begins[0])
        .group_by(Finding.rule, Finding.label, month)
    )
    by_rule: dict[str, RuleQuality] = {}
    for rule, label, number, found, real, false_alarm in await session.execute(query):
        quality = by_rule.setdefault(rule, RuleQuality(rule, label, {}))
        quality.months[months[number]] = RuleCount(found, real, false_alarm)
    return sorted(by_rule.values(), key=lambda one: (-one.total.found, one.rule))
