"""An item for whoever reads or reviews it: by their own sections, or because it waits for somebody for whom they stand
in. Whoever writes, plans or publishes comes by `items.queries`, where nothing is lent."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Item
from outreach.items.queries import get_item, held_item, hold_item
from outreach.people.model import Person
from outreach.review.acting import is_lent


async def read_item(session: AsyncSession, item_id: str, reader: Person) -> Item:
    """The item, if it is for `reader`'s eyes. Raises NotFound, Forbidden (a sealed one)."""
    if reader.lent:
        item = await session.get(Item, item_id)
        if item is not None and is_lent(reader, item):
            return item
    return await get_item(session, item_id, reader)


async def hold_item_to_review(session: AsyncSession, item_id: str, by: Person) -> Item:
    """The same, held for whoever is about to review it (`items.queries.hold_item`)."""
    if by.lent:
        item = await held_item(session, item_id)
        if item is not None and is_lent(by, item):
            return item
    return await hold_item(session, item_id, by)
