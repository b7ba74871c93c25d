"""Closing a month (结账): its figures stay as they are, and what changes later is listed against it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.foundation import audit, clock
from outreach.foundation.problems import NotPossible
from outreach.people.model import Person
from outreach.people.rules import Act, require
from outreach.statistics.model import ActTally, ClosedMonth, Tally
from outreach.statistics.queries.recount import differences
from outreach.statistics.rules import month_label, require_over

_LOCK: Final = "LOCK TABLE tally, act_tally IN SHARE ROW EXCLUSIVE MODE"


async def close_month(session: AsyncSession, by: Person, month: str, zone: ZoneInfo) -> ClosedMonth:
    """The month is closed as it stands; its counts are first held against what they are counts of.

    Raises Forbidden; NotPossible where the month has not ended, is closed already, or its counts are wrong.
    """
    require(by, Act.KEEP_FIGURES)
    now = clock.now()
    require_over(month, now, zone)
    await hold_counts(session)
    known = await session.get(ClosedMonth, month)
    if known is not None:
        raise NotPossible(f"{month_label(month)}已由{known.by_name}结账。")
    if wrong := await differences(session, zone, [month]):
        raise NotPossible(
            f"{month_label(month)}有 {len(wrong)} 项计数与发布记录不一致，不能结账。"
            "请系统管理员先运行“outreach stats verify --repair”核对并更正。"
        )
    closed = await _close(session, by, month, now)
    await _keep(session, month)
    await audit.record(session, by, "month.close", "month", month)
    return closed


async def hold_counts(session: AsyncSession) -> None:
    """Waits for those who are counting; nobody else counts until the transaction ends. (On SQLite whoever writes is
    alone.)"""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(_LOCK))


async def _close(session: AsyncSession, by: Person, month: str, now: datetime) -> ClosedMonth:
    await session.execute(insert(ClosedMonth).values(month=month, by_id=by.id, by_name=by.name, at=now))
    return (await session.scalars(select(ClosedMonth).where(ClosedMonth.month == month))).one()


async def _keep(session: AsyncSession, month: str) -> None:
    kept = (
        (Tally, {"closed_posts": Tally.posts, "closed_withdrawn": Tally.withdrawn}),
        (ActTally, {"closed_number": ActTally.number}),
    )
    for model, values in kept:
        query = update(model).where(model.month == month).values(**values)
        await session.execute(query.execution_options(synchronize_session=False))
