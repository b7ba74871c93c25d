"""The read side of followers: how many there are, never who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.model import Follower
from outreach.followers.syncing.model import FollowerSync, SyncState


@dataclass(frozen=True, slots=True)
class Following:
    """How many follow an account, and how many have left whose data is not erased yet."""

    follow: int = 0
    left: int = 0


async def count_following(session: AsyncSession) -> Mapping[str, Following]:
    """The counts by account; an account that nobody ever followed is left out."""
    query = select(Follower.account_id, Follower.subscribed, func.count()).group_by(
        Follower.account_id, Follower.subscribed
    )
    counts: dict[str, dict[bool, int]] = {}
    for account_id, subscribed, number in await session.execute(query):
        counts.setdefault(account_id, {})[bool(subscribed)] = number
    return {one: Following(found.get(True, 0), found.get(False, 0)) for one, found in counts.items()}


async def syncs(session: AsyncSession) -> Mapping[str, FollowerSync]:
    """The last synchronisation of each account that ever had one."""
    return {one.account_id: one for one in await session.scalars(select(FollowerSync))}


async def is_any_sync_due(session: AsyncSession, now: datetime) -> bool:
    """Whether a step of a synchronisation is to be taken."""
    query = select(FollowerSync.account_id).where(
        FollowerSync.state == SyncState.RUNNING, FollowerSync.due_at <= now
    )
    return await session.scalar(query.limit(1)) is not None
