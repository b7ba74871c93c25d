"""A published post is to be taken down: by a worker, or by hand where the platform has no call for it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.rules import BY_HAND, can_withdraw
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.service import Order


async def order_withdrawal(session: AsyncSession, post: Post, order: Order) -> Post:
    """Leaves it to a worker, which takes it down once the account is not paused; or at once to a person.
    Raises NotPossible, StaleState."""
    await publishing.begin_withdrawal(session, post, order)
    if not can_withdraw(post.account):
        await publishing.leave_takedown_to_person(
            session, post, publishing.OFFICE, BY_HAND[post.account.channel]
        )
    return post
