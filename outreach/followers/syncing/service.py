"""A synchronisation goes on step by step: each is stored before the next is taken, so that whoever goes on after a
kill begins where the last step ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, func, literal, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.follower_protocol import Detail, FollowerPage
from outreach.channels.model import Account, ChannelName
from outreach.followers.model import Follower
from outreach.followers.syncing.model import FollowerSync, SyncState
from outreach.foundation import audit, clock
from outreach.foundation.audit import Actor
from outreach.foundation.database import UtcDateTime, insert_into
from outreach.foundation.ids import new_id
from outreach.foundation.problems import NotPossible

LEASE: Final = timedelta(minutes=2)
RETRY: Final = timedelta(seconds=10)
DETAILS_AT_ONCE: Final = 100
"""user/info/batchget takes so many."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of a synchronisation, for whoever holds it: a page of the list that follows on `after`, or the
    details of `openids`, whose last follower is `last_id`. `asked_at` (aware) is when it was taken: what is known to
    have happened later holds."""

    account: Account
    holder: str
    asked_at: datetime
    begun_at: datetime
    is_listed: bool
    after: str | None
    openids: tuple[str, ...] = ()
    last_id: int = 0


async def begin(session: AsyncSession, by: Actor, account: Account) -> FollowerSync:
    """Begins a synchronisation of the account. Raises NotPossible where one is under way, or the platform has no
    followers."""
    if account.channel is not ChannelName.WECHAT:
        raise NotPossible("只有微信公众号可以同步关注者。")
    now = clock.now()
    values: dict[str, Any] = {
        "state": SyncState.RUNNING,
        "begun_at": now,
        "by_name": by.name,
        "total": None,
        "listed": 0,
        "next_openid": None,
        "is_listed": False,
        "to_detail": None,
        "detailed": 0,
        "detailed_id": 0,
        "due_at": now,
        "holder": None,
        "ended_at": None,
        "problem": None,
    }
    statement = insert_into(session, FollowerSync).values(account_id=account.id, **values)
    begun = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=["account_id"], set_=values, where=FollowerSync.state != SyncState.RUNNING
        ).returning(FollowerSync.account_id)
    )
    if begun is None:
        raise NotPossible("这个公众号的关注者正在同步。")
    await audit.record(session, by, "followers.sync", "account", account.id)
    return await session.get_one(FollowerSync, account.id, populate_existing=True)


async def stop(session: AsyncSession, by: Actor, account_id: str) -> None:
    """Stops the synchronisation of the account; what was fetched stays. Raises NotPossible where none is under way."""
    stopped = await session.scalar(
        update(FollowerSync)
        .where(FollowerSync.account_id == account_id, FollowerSync.state == SyncState.RUNNING)
        .values(state=SyncState.STOPPED, ended_at=clock.now(), holder=None)
        .returning(FollowerSync.account_id)
        .execution_options(synchronize_session=False)
    )
    if stopped is None:
        raise NotPossible("没有正在进行的同步。")
    await audit.record(session, by, "followers.stop_sync", "account", account_id)


async def claim_step(session: AsyncSession, *, worker: str) -> Step | None:
    """The next step of a synchronisation that is due, also of one whose worker has died; None where there is none."""
    now = clock.now()
    query = (
        select(FollowerSync)
        .where(FollowerSync.state == SyncState.RUNNING, FollowerSync.due_at <= now)
        .order_by(FollowerSync.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    sync = (await session.scalars(query)).one_or_none()
    if sync is None:
        return None
    sync.holder, sync.due_at = f"{worker}:{new_id()[-6:]}", now + LEASE
    account = await session.get_one(Account, sync.account_id)
    step = Step(account, sync.holder, now, sync.begun_at, sync.is_listed, sync.next_openid)
    return await _with_openids(session, step, sync) if sync.is_listed else step


async def keep_page(session: AsyncSession, step: Step, page: FollowerPage) -> bool:
    """Stores a page of the list and where the next begins. After the last page those who were not listed follow no
    longer. False where somebody else has taken the step."""
    sync = await _held(session, step)
    if sync is None:
        return False
    if page.openids:
        await _upsert(session, step, page.openids)
    sync.total, sync.listed = page.total, sync.listed + len(page.openids)
    sync.next_openid, sync.due_at, sync.problem = page.next_openid, clock.now(), None
    if page.next_openid is None:
        sync.is_listed = True
        await _note_who_left(session, step)
        sync.to_detail = await session.scalar(_undetailed(step.account.id, func.count()))
    return True


async def keep_details(session: AsyncSession, step: Step, details: Sequence[Detail]) -> bool:
    """Stores since when these follow. Without any the synchronisation is done. False where somebody else has taken
    the step."""
    sync = await _held(session, step)
    if sync is None:
        return False
    now = clock.now()
    if not step.openids:
        sync.state, sync.ended_at, sync.holder = SyncState.DONE, now, None
        return True
    await _note_since(session, step, [one for one in details if one.subscribed_at is not None])
    await _note_gone(session, step, [one.openid for one in details if one.subscribed_at is None])
    sync.detailed, sync.detailed_id = sync.detailed + len(step.openids), step.last_id
    sync.due_at, sync.problem = now, None
    return True


async def put_off(session: AsyncSession, step: Step, problem: str, wait: timedelta | None) -> None:
    """The step could not be taken: it is tried again after `wait`, or the synchronisation has failed."""
    sync = await _held(session, step)
    if sync is None:
        return
    sync.problem, sync.holder = problem, None
    if wait is None:
        sync.state, sync.ended_at = SyncState.FAILED, clock.now()
    else:
        sync.due_at = clock.now() + wait


async def _with_openids(session: AsyncSession, step: Step, sync: FollowerSync) -> Step:
    query = (
        _undetailed(sync.account_id, Follower.id, Follower.openid)
        .where(Follower.id > sync.detailed_id)
        .order_by(Follower.id)
        .limit(DETAILS_AT_ONCE)
    )
    found = (await session.execute(query)).all()
    return Step(
        account=step.account,
        holder=step.holder,
        asked_at=step.asked_at,
        begun_at=step.begun_at,
        is_listed=True,
        after=None,
        openids=tuple(openid for _, openid in found),
        last_id=found[-1][0] if found else 0,
    )


def _undetailed(account_id: str, *columns: Any) -> Any:
    return select(*columns).where(
        Follower.account_id == account_id, Follower.subscribed, Follower.subscribed_at.is_(None)
    )


async def _held(session: AsyncSession, step: Step) -> FollowerSync | None:
    query = (
        select(FollowerSync)
        .where(
            FollowerSync.account_id == step.account.id,
            FollowerSync.state == SyncState.RUNNING,
            FollowerSync.holder == step.holder,
        )
        .with_for_update()
    )
    return (await session.scalars(query)).one_or_none()


async def _upsert(session: AsyncSession, step: Step, openids: Sequence[str]) -> None:
    """Whoever is listed followed when the list was asked for; who is known to have left since has left."""
    follows = or_(Follower.unsubscribed_at.is_(None), Follower.unsubscribed_at <= step.asked_at)
    insert = insert_into(session, Follower)
    statement = insert.on_conflict_do_update(
        index_elements=["account_id", "openid"],
        set_={
            "subscribed": case((follows, True), else_=Follower.subscribed),
            "unsubscribed_at": case((follows, null()), else_=Follower.unsubscribed_at),
            "listed_at": literal(step.begun_at, UtcDateTime()),
        },
    )
    rows = [
        {"account_id": step.account.id, "openid": openid, "subscribed": True, "listed_at": step.begun_at}
        for openid in openids
    ]
    await session.execute(statement, rows)


async def _note_who_left(session: AsyncSession, step: Step) -> None:
    """Their leaving was never told. Who began to follow or wrote since the list was begun may not stand in it."""

    def before(column: Any) -> Any:
        return or_(column.is_(None), column < step.begun_at)

    await session.execute(
        update(Follower)
        .where(
            and_(Follower.account_id == step.account.id, Follower.subscribed),
            before(Follower.listed_at),
            before(Follower.subscribed_at),
            before(Follower.spoke_at),
        )
        .values(subscribed=False, unsubscribed_at=step.begun_at)
        .execution_options(synchronize_session=False)
    )


async def _note_since(session: AsyncSession, step: Step, details: Sequence[Detail]) -> None:
    if not details:
        return
    statement = (
        update(Follower)
        .where(
            Follower.account_id == step.account.id,
            Follower.openid == bindparam("of"),
            Follower.subscribed_at.is_(None),
        )
        .values(subscribed_at=bindparam("since"))
    )
    connection = await session.connection()
    await connection.execute(statement, [{"of": one.openid, "since": one.subscribed_at} for one in details])


async def _note_gone(session: AsyncSession, step: Step, openids: Sequence[str]) -> None:
    """They left between the two steps, or their leaving is told by an event that is still to come."""
    await session.execute(
        update(Follower)
        .where(
            Follower.account_id == step.account.id,
            Follower.openid.in_(openids),
            Follower.subscribed,
            Follower.subscribed_at.is_(None),
        )
        .values(subscribed=False, unsubscribed_at=step.asked_at)
        .execution_options(synchronize_session=False)
    )
