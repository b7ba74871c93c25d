"""办理: who works on an item that is in review, and who asks to hurry."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.queries import hold_item
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.review import service as review
from outreach.review.queries import hold_item_to_review


async def take(session: AsyncSession, item_id: str, by: Person, *, revision: int) -> None:
    """由我办理; see `review.service.take`."""
    item = await hold_item_to_review(session, item_id, by)
    await review.take(session, item, by, revision=revision)


async def hand_on(session: AsyncSession, item_id: str, by: Person, to_id: str, *, revision: int) -> None:
    """转交; see `review.service.hand_on`."""
    item = await hold_item_to_review(session, item_id, by)
    await review.hand_on(session, item, by, to_id, revision=revision)


async def give_back(session: AsyncSession, item_id: str, by: Person) -> None:
    """交回; see `review.service.give_back`."""
    item = await hold_item_to_review(session, item_id, by)
    await review.give_back(session, item, by)


async def remind(session: AsyncSession, item_id: str, by: Person) -> None:
    """催办, by those who write items of the section; see `review.service.remind`."""
    item = await hold_item(session, item_id, by)
    require(by, Act.WRITE_ITEMS)
    await review.remind(session, item, by)
