"""应急发布 as an item's page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import clock
from outreach.foundation.dates import duration
from outreach.foundation.problems import Forbidden, NotPossible
from outreach.items.model import Item
from outreach.people.model import Person
from outreach.people.rules import Act, may
from outreach.review.emergency_rules import STILL_OWES
from outreach.review.model import Emergency, SectionReview
from outreach.review.queries import emergency_of
from outreach.review.service import require_may_decide_afterwards


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """An emergency as its item's page shows it. `is_owed`: the section still has to decide; `left` is how much time it
    has, or by how much it `is_late`."""

    emergency: Emergency
    is_owed: bool
    left: str
    is_late: bool
    may_decide: bool
    may_keep: bool
    may_remind: bool


async def view_emergency(session: AsyncSession, item: Item, reader: Person) -> EmergencyView | None:
    """None of an item whose present revision is none, or went back to its writer before the section said anything."""
    emergency = await emergency_of(session, item)
    if emergency is None:
        return None
    is_owed = emergency.section_review is SectionReview.OWED
    if is_owed and item.state not in STILL_OWES:
        return None
    left, is_late = time_left(emergency.section_due_at)
    is_proposed = emergency.section_review is SectionReview.WITHDRAWAL_PROPOSED
    return EmergencyView(
        emergency=emergency,
        is_owed=is_owed,
        left=left,
        is_late=is_late,
        may_decide=is_owed and await _may_decide(session, item, reader),
        may_keep=is_proposed and may(reader, Act.DECIDE_SIGN_OFF),
        may_remind=is_owed and may(reader, Act.WRITE_ITEMS),
    )


def time_left(due_at: datetime) -> tuple[str, bool]:
    """How far off a time is, in words, and whether it has passed."""
    now = clock.now()
    return duration(due_at - now), due_at <= now


async def _may_decide(session: AsyncSession, item: Item, reader: Person) -> bool:
    try:
        await require_may_decide_afterwards(session, item, reader)
    except (Forbidden, NotPossible):
        return False
    return True
