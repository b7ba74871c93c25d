"""Who works on an item, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.people.model import Person
from outreach.people.rules import writes_in
from outreach.review.queries import AtWork, at_work_on, possible_takers


@dataclass(frozen=True, slots=True)
class DeskView:
    """Of an item in review: who works on it, whether that is the reader, whom the reader may hand it to (id and name;
    nobody where the reader may not decide), and whether the reader may ask to hurry."""

    work: AtWork
    is_mine: bool
    others: list[tuple[str, str]]
    may_remind: bool


async def view_desk(session: AsyncSession, item: Item, reader: Person, *, decides: bool) -> DeskView | None:
    """None of an item that is not in review."""
    if item.stage is None:
        return None
    work = await at_work_on(session, item)
    takers = await possible_takers(session, item) if decides else []
    return DeskView(
        work=work,
        is_mine=work.person_id == reader.id,
        others=[one for one in takers if one[0] not in (reader.id, work.person_id)],
        may_remind=writes_in(reader, item.section_id),
    )
