"""The leases of posts and editions are kept while somebody works at them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.office.context import Office
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import LEASE
from outreach.publishing.service import Hold, LeaseLost

_RENEW_AFTER_S: Final = LEASE.total_seconds() / 3


@asynccontextmanager
async def lease_kept(office: Office, renew: Callable[[AsyncSession], Awaitable[None]]) -> AsyncIterator[None]:
    """While the block runs nobody takes over what `renew` holds, however slow the platform is; a lease that is lost
    all the same is not renewed any more."""

    async def keep() -> None:
        with contextlib.suppress(LeaseLost):
            while True:
                await asyncio.sleep(_RENEW_AFTER_S)
                async with office.db.begin() as session:
                    await renew(session)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


def of_posts(holds: Sequence[Hold]) -> Callable[[AsyncSession], Awaitable[None]]:
    """Renews those of the posts that are still held."""

    async def renew(session: AsyncSession) -> None:
        await publishing.renew_leases(session, await publishing.still_held(session, holds))

    return renew


def hold_of(post: Post) -> Hold:
    """The hold of whoever claimed the post."""
    if post.lease_holder is None:
        raise ValueError("a post is worked at by whoever claimed it")
    return Hold(post.id, post.item_id, post.lease_holder)
