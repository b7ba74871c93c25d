"""What followers were told of an item goes; how many were told, and when, stays."""

from __future__ import annotations

from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.notices.model import Notice

_TITLE: Final = "（内容已清除）"


async def purge(session: AsyncSession, item_id: str) -> None:
    """Empties the words of the item's notices, which were cancelled when it was sealed."""
    emptied = update(Notice).values(title=_TITLE, words=[])
    await session.execute(emptied.where(Notice.item_id == item_id))
