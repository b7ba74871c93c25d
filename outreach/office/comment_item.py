"""段落意见: what is said of a passage of an item."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.people.model import Person
from outreach.review import service as review
from outreach.review.model import PassageComment
from outreach.review.queries import read_item
from outreach.review.service import Remark


async def comment(
    session: AsyncSession, item_id: str, by: Person, remark: Remark, *, revision: int
) -> PassageComment:
    """Said of a passage; see `review.service.comment`."""
    item = await read_item(session, item_id, by)
    return await review.comment(session, item, by, remark, revision=revision)


async def settle(session: AsyncSession, item_id: str, comment_id: str, by: Person) -> None:
    """Settled; see `review.service.settle`."""
    item = await read_item(session, item_id, by)
    await review.settle(session, item, comment_id, by)
