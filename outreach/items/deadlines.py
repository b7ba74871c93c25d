"""Deadlines that change with the calendar: counted anew once the holidays of a year are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.catalogue.calendar import Entered
from outreach.catalogue.rules import Deadline, disclosure_deadline
from outreach.foundation import audit
from outreach.foundation.audit import Actor
from outreach.items.model import Item, ItemState

_OPEN: Final = (
    ItemState.DRAFT,
    ItemState.SCREENING,
    ItemState.IN_REVIEW,
    ItemState.APPROVED,
    ItemState.RETURNED,
)
"""Items that still have to be disclosed."""


@dataclass(frozen=True, slots=True)
class ChangedDeadline:
    """An open item whose deadline is another by the calendar as it is entered."""

    item_id: str
    before: Deadline
    after: Deadline


async def changed_deadlines(session: AsyncSession, entered: Entered) -> list[ChangedDeadline]:
    """The open items whose deadline, or its being an estimate, changes by `entered`."""
    query = select(
        Item.id, Item.kind, Item.formed_on, Item.fields, Item.deadline, Item.deadline_is_estimate
    ).where(Item.state.in_(_OPEN))
    changed = []
    for item_id, kind, formed_on, fields, deadline, is_estimate in await session.execute(query):
        decided_on = fields.get("decided_on")
        after = disclosure_deadline(
            kind, formed_on, date.fromisoformat(decided_on) if decided_on else None, entered
        )
        before = Deadline(deadline, is_estimate)
        if before != after:
            changed.append(ChangedDeadline(item_id, before, after))
    return changed


async def recount_deadlines(session: AsyncSession, by: Actor, entered: Entered) -> int:
    """Gives open items the deadlines that follow from `entered`, each with an audit event; returns how many changed.
    An item's version stays: nobody who edits it has to read it again."""
    changed = await changed_deadlines(session, entered)
    for one in changed:
        query = update(Item).where(Item.id == one.item_id, Item.deadline == one.before.day)
        values = {"deadline": one.after.day, "deadline_is_estimate": one.after.is_estimate}
        await session.execute(query.values(values).execution_options(synchronize_session=False))
        await audit.record(
            session,
            by,
            "item.deadline",
            "item",
            one.item_id,
            deadline=one.after.day,
            before=one.before.day,
            estimate=one.after.is_estimate,
        )
    return len(changed)
