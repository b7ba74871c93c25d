"""What was sent of an item goes; where and when it went out stays, with its address on the platform."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Text, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.purging import hashes_in
from outreach.publishing.model import Post


async def purge(session: AsyncSession, item_id: str) -> None:
    """Empties the renditions in the item's posts, and why they were withdrawn."""
    emptied = update(Post).values(rendition={}, withdraw_reason=None)
    await session.execute(emptied.where(Post.item_id == item_id))


async def files_of(session: AsyncSession, item_id: str) -> set[str]:
    """The SHA-256 of covers, cards and pictures in the item's posts."""
    renditions = await session.scalars(select(Post.rendition).where(Post.item_id == item_id))
    return {sha256 for rendition in renditions for sha256 in hashes_in(rendition)}


async def users_of(session: AsyncSession, sha256: str, *, but: str) -> Sequence[str]:
    """The ids of other items whose posts send a file of that content."""
    query = select(Post.item_id).where(cast(Post.rendition, Text).contains(sha256), Post.item_id != but)
    return (await session.scalars(query.distinct())).all()
