"""Who follows an account, as events tell it: they may come late, twice and in any order.

What is kept is what the newest event said by WeChat's own clock, which knows whole seconds; of two in one second the
one that came last holds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, literal, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.followers.model import Follower
from outreach.foundation.database import UtcDateTime, insert_into


async def subscribe(session: AsyncSession, account_id: str, openid: str, at: datetime) -> int:
    """Somebody began to follow at `at` (aware). The follower's id."""
    is_newest = and_(_not_after(Follower.subscribed_at, at), _not_after(Follower.unsubscribed_at, at))
    changes = {
        "subscribed": case((is_newest, True), else_=Follower.subscribed),
        "subscribed_at": case((is_newest, literal(at, UtcDateTime())), else_=Follower.subscribed_at),
        "unsubscribed_at": case((is_newest, null()), else_=Follower.unsubscribed_at),
    }
    return await _upsert(session, account_id, openid, {"subscribed": True, "subscribed_at": at}, changes)


async def unsubscribe(session: AsyncSession, account_id: str, openid: str, at: datetime) -> int:
    """Somebody stopped following at `at` (aware). The follower's id."""
    is_newest = and_(_not_after(Follower.subscribed_at, at), _not_after(Follower.unsubscribed_at, at))
    changes = {
        "subscribed": case((is_newest, False), else_=Follower.subscribed),
        "unsubscribed_at": case((is_newest, literal(at, UtcDateTime())), else_=Follower.unsubscribed_at),
    }
    return await _upsert(session, account_id, openid, {"subscribed": False, "unsubscribed_at": at}, changes)


async def see(
    session: AsyncSession, account_id: str, openid: str, at: datetime, *, spoke: bool = False
) -> int:
    """Somebody did something at `at` (aware) that only a follower can do; with `spoke` they wrote, which opens 48
    hours for customer-service messages. The follower's id."""
    follows = _not_after(Follower.unsubscribed_at, at)
    changes = {
        "subscribed": case((follows, True), else_=Follower.subscribed),
        "unsubscribed_at": case((follows, null()), else_=Follower.unsubscribed_at),
    }
    values: dict[str, Any] = {"subscribed": True}
    if spoke:
        values["spoke_at"] = at
        changes["spoke_at"] = case(
            (_not_after(Follower.spoke_at, at), literal(at, UtcDateTime())), else_=Follower.spoke_at
        )
    return await _upsert(session, account_id, openid, values, changes)


async def find(session: AsyncSession, account_id: str, openid: str) -> int | None:
    """The follower's id; None where nobody of that openid is known."""
    query = select(Follower.id).where(Follower.account_id == account_id, Follower.openid == openid)
    return await session.scalar(query)


async def find_subscribed(session: AsyncSession, account_id: str, openid: str) -> int | None:
    """The id of whoever follows with that openid; None where nobody is known to."""
    query = select(Follower.id).where(
        Follower.account_id == account_id, Follower.openid == openid, Follower.subscribed
    )
    return await session.scalar(query)


async def forget(session: AsyncSession, account_id: str, openid: str) -> None:
    """Erases whoever has that openid, with subscriptions, messages and answers. While they follow, the next event or
    synchronisation brings back that they do, and nothing else."""
    await session.execute(
        delete(Follower).where(Follower.account_id == account_id, Follower.openid == openid)
    )


async def is_any_departed(session: AsyncSession, before: datetime) -> bool:
    """Whether anybody stopped following before `before` (aware) whose data is still here."""
    return await session.scalar(_departed(before).limit(1)) is not None


async def forget_departed(session: AsyncSession, before: datetime, limit: int) -> int:
    """Erases up to `limit` of those who stopped following before `before` (aware); how many."""
    query = _departed(before).limit(limit).with_for_update(skip_locked=True)
    ids = (await session.scalars(query)).all()
    await session.execute(delete(Follower).where(Follower.id.in_(ids)))
    return len(ids)


def _departed(before: datetime) -> Select[int]:
    return select(Follower.id).where(Follower.unsubscribed_at < before, Follower.subscribed.is_(False))


def _not_after(column: Any, at: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column <= at)


async def _upsert(
    session: AsyncSession, account_id: str, openid: str, values: dict[str, Any], changes: dict[str, Any]
) -> int:
    insert = insert_into(session, Follower).values(account_id=account_id, openid=openid, **values)
    statement = insert.on_conflict_do_update(index_elements=["account_id", "openid"], set_=changes)
    follower_id: int = await session.scalar(statement.returning(Follower.id))
    return follower_id
