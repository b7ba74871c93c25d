"""Counts that are wrong are put right, with a trace of what they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit
from outreach.foundation.audit import Actor
from outreach.statistics.cells import Counts
from outreach.statistics.queries.recount import (
    Difference,
    differences,
    kept_counts,
    recount,
    told_of_closed,
)
from outreach.statistics.service.closing import hold_counts
from outreach.statistics.service.counting import Change, list_corrections, raise_counts

_REASON: Final = "重新清点后更正"


async def repair(
    session: AsyncSession, by: Actor, zone: ZoneInfo, months: Sequence[str]
) -> Sequence[Difference]:
    """Counts `months` anew while nobody else counts, and puts right what is wrong: what it was and is. What is put right
    in a closed month is listed against it."""
    await hold_counts(session)
    wrong = await differences(session, zone, months)
    counted, kept = await recount(session, zone, months), await kept_counts(session, months)
    closed, told = await told_of_closed(session, months)
    await raise_counts(session, _change(kept, counted))
    late = _change(told, Counter({cell: number for cell, number in counted.items() if cell.month in closed}))
    await list_corrections(session, [Change(cell, _REASON, number=number) for cell, number in late.items()])
    if wrong:
        counts = [{"what": one.key, "was": one.kept, "is": one.counted} for one in wrong]
        await audit.record(
            session, by, "statistics.repair", "statistics", min(months), months=list(months), counts=counts
        )
    return wrong


def _change(was: Counts, is_: Counts) -> Counts:
    return Counter({cell: is_[cell] - was[cell] for cell in {*was, *is_} if is_[cell] != was[cell]})
