"""The leases of posts are kept while somebody works at them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from outreach.office.context import Office
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import LEASE
from outreach.publishing.service import Hold

_RENEW_AFTER_S: Final = LEASE.total_seconds() / 3


@asynccontextmanager
async def leases_kept(office: Office, holds: Sequence[Hold]) -> AsyncIterator[None]:
    """While the block runs nobody takes these posts over, however slow the platform is."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(_RENEW_AFTER_S)
            async with office.db.begin() as session:
                await publishing.renew_leases(session, await publishing.still_held(session, holds))

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


def hold_of(post: Post) -> Hold:
    """The hold of whoever claimed the post."""
    if post.lease_holder is None:
        raise ValueError("a post is worked at by whoever claimed it")
    return Hold(post.id, post.item_id, post.lease_holder)
