"""The platform's figures are kept as it told them last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.figures_protocol import ArticleFigures, FollowerFigures
from outreach.channels.model import Account, ChannelName
from outreach.channels.queries import answering_accounts
from outreach.foundation import clock
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id
from outreach.statistics.reads.model import ArticleReading, FiguresFetch, FollowerDay

READY_AT: Final = time(8)
"""The figures of the day before are ready after eight in the morning, in China."""
LEASE: Final = timedelta(minutes=10)
_KEYS: Final = ("account_id", "msg_data_id", "article_idx", "on_day")


class FetchHold(NamedTuple):
    """An account whose figures somebody fetches; `today` is the day on which, in China."""

    account: Account
    holder: str
    today: date


async def is_any_fetch_due(session: AsyncSession, now: datetime) -> bool:
    """Whether the figures of an account are to be fetched at `now` (aware)."""
    if now.astimezone(clock.SHANGHAI).time() < READY_AT:
        return False
    return await session.scalar(_due(now).with_only_columns(Account.id).limit(1)) is not None


async def claim_fetch(session: AsyncSession, *, worker: str) -> FetchHold | None:
    """An account whose figures are to be fetched now; None where there is none."""
    now = clock.now()
    if not await is_any_fetch_due(session, now):
        return None
    account = await session.scalar(_due(now).order_by(Account.number).limit(1))
    if account is None:
        return None
    holder = f"{worker}:{new_id()[-6:]}"
    insert = insert_into(session, FiguresFetch)
    statement = insert.values(account_id=account.id, due_at=now + LEASE, holder=holder)
    claimed = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=["account_id"],
            set_={"due_at": now + LEASE, "holder": holder},
            where=FiguresFetch.due_at <= now,
        ).returning(FiguresFetch.account_id)
    )
    return FetchHold(account, holder, now.astimezone(clock.SHANGHAI).date()) if claimed else None


async def end_fetch(
    session: AsyncSession, hold: FetchHold, problem: str | None, again_after: timedelta | None
) -> None:
    """The fetch came to its end for today, or is tried again later. Does nothing where somebody else is at it."""
    fetch = await session.get_one(FiguresFetch, hold.account.id, with_for_update=True)
    if fetch.holder != hold.holder:
        return
    fetch.holder, fetch.problem = None, problem
    fetch.due_at = clock.now() + (again_after or timedelta(0))
    if again_after is None:
        fetch.fetched_on = hold.today


async def keep_article_figures(
    session: AsyncSession, account_id: str, figures: Sequence[ArticleFigures]
) -> None:
    """Keeps what was told, and of what was not told what another call told."""
    now = clock.now()
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in figures:
        told = {name: value for name, value in asdict(one).items() if value is not None}
        keys = {"account_id": account_id, "msg_data_id": told.pop("data_id"), "on_day": told.pop("on")}
        row = {**keys, **told, "fetched_at": now}
        groups[tuple(sorted(row))].append(row)
    for names, rows in groups.items():
        insert = insert_into(session, ArticleReading.__table__)
        changes = {name: insert.excluded[name] for name in names if name not in _KEYS}
        statement = insert.on_conflict_do_update(index_elements=list(_KEYS), set_=changes)
        await (await session.connection()).execute(statement, rows)


async def keep_follower_figures(
    session: AsyncSession, account_id: str, figures: Sequence[FollowerFigures]
) -> None:
    """Keeps what was told of these days, instead of what was told before."""
    now = clock.now()
    for one in figures:
        await session.merge(
            FollowerDay(
                account_id=account_id,
                on=one.on,
                came=one.came,
                left=one.left,
                following=one.following,
                fetched_at=now,
            )
        )


def _due(now: datetime) -> Select[Account]:
    today = now.astimezone(clock.SHANGHAI).date()
    return (
        select(Account)
        .outerjoin(FiguresFetch, FiguresFetch.account_id == Account.id)
        .where(
            Account.channel == ChannelName.WECHAT,
            Account.verified,
            Account.id.in_(answering_accounts()),
            _not_yet(today),
            or_(FiguresFetch.due_at.is_(None), FiguresFetch.due_at <= now),
        )
    )


def _not_yet(today: date) -> ColumnElement[bool]:
    return or_(FiguresFetch.fetched_on.is_(None), FiguresFetch.fetched_on < today)
