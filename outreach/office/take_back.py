"""An item is taken back by its submitter, or a draft is thrown away."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items import service as items
from outreach.items.model import Item
from outreach.items.queries import hold_item
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.review.queries import is_reviewed


async def recall_item(session: AsyncSession, item_id: str, by: Person) -> Item:
    """in_review → draft. Raises NotFound, Forbidden, NotPossible, StaleState."""
    item = await hold_item(session, item_id, by)
    require(by, Act.WRITE_ITEMS)
    return await items.recall_item(session, item, by)


async def discard_item(session: AsyncSession, item_id: str, by: Person) -> None:
    """A draft without decisions is deleted. Raises NotFound, Forbidden, NotPossible, StaleState."""
    item = await hold_item(session, item_id, by)
    require(by, Act.WRITE_ITEMS)
    reviewed = await is_reviewed(session, item, any_revision=True)
    await items.discard_item(session, item, by, reviewed=reviewed)
