"""我的数据: all that is kept of a follower, shown and erased (个人信息保护法 art. 45, 47).

What hangs on a follower has a foreign key to `follower.id` and stands in `HELD`, so that it is shown here and goes
with them: a test compares the list with the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.acts import record
from outreach.followers.model import Follower
from outreach.followers.notices.model import NoticeConsent
from outreach.followers.topics.queries import Subscribed, subscriptions_of
from outreach.foundation.database import Base

HELD: Final[Mapping[str, str]] = {
    "subscription": "订阅",
    "message": "发来的消息",
    "reply": "给您的回复",
    NoticeConsent.__tablename__: "收通知的授权",
}
"""The tables whose rows belong to a follower, by what the page calls such a row."""


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept of a follower: the row itself, what they asked for, and how many rows there are of each kind."""

    follower: Follower
    subscriptions: list[Subscribed]
    counts: Mapping[str, int]


async def kept_of(session: AsyncSession, follower: Follower) -> Kept:
    """What the page shows."""
    counts = {label: await _count(session, _table(name), follower.id) for name, label in HELD.items()}
    return Kept(follower, await subscriptions_of(session, follower.id), counts)


async def erase(session: AsyncSession, follower: Follower) -> Follower:
    """Removes all that is kept of them. What WeChat goes on telling, that this openid follows, is kept anew under
    another number, so that nothing leads from it to what was before, not even in the audit log."""
    await record(session, follower, "erase")
    for name in HELD:
        table = _table(name)
        await session.execute(delete(table).where(table.c.follower_id == follower.id))
    fresh = Follower(
        account_id=follower.account_id,
        openid=follower.openid,
        subscribed=follower.subscribed,
        subscribed_at=follower.subscribed_at,
        unsubscribed_at=follower.unsubscribed_at,
    )
    await session.delete(follower)
    await session.flush()
    session.add(fresh)
    await session.flush()
    return fresh


def tables_of_followers() -> set[str]:
    """Every table that has a foreign key to a follower."""
    return {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name == Follower.__tablename__ for key in table.foreign_keys)
    }


async def _count(session: AsyncSession, table: Table, follower_id: int) -> int:
    query = select(func.count()).select_from(table).where(table.c.follower_id == follower_id)
    return await session.scalar(query) or 0


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
