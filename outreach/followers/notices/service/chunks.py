"""Who works at a chunk: a worker takes it under a lease, stores who is about to be told before it begins, and what came
of it afterwards.

A block of recipients is marked as begun by the commit that stores what came of those before: one commit a block, and at no
moment more than two blocks of whom nobody knows whether they were told. The column of marks is read, changed and written
under the lock of its row, so that what an event told meanwhile is never overwritten.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import budgets
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand
from outreach.channels.model import Account, ChannelName
from outreach.channels.notice_protocol import NoticeCall
from outreach.channels.queries import sending_accounts
from outreach.followers.model import Follower
from outreach.followers.notices.marks import OPEN, SETTLED, Mark, tally_of
from outreach.followers.notices.model import Notice, NoticeChunk, NoticeState, Occasion
from outreach.followers.notices.packing import pack, unpack
from outreach.followers.notices.rules import LEASE
from outreach.followers.notices.service.states import suspend
from outreach.foundation import clock
from outreach.foundation.ids import new_id

_USES: Final[Mapping[NoticeCall, Use]] = {
    NoticeCall.TEMPLATE: Use.TEMPLATE,
    NoticeCall.SUBSCRIPTION: Use.SUBSCRIPTION,
    NoticeCall.CUSTOMER: Use.CUSTOMER_MESSAGE,
}


class ChunkLost(Exception):
    """The lease ran out, and somebody else works at the chunk."""


@dataclass(frozen=True, slots=True)
class Work:
    """A chunk that is held: `holder` is this very claim. `words` are the notice's, `begun_since` is when the oldest call
    was begun whose answer is not known."""

    notice_id: str
    number: int
    holder: str
    account: Account
    call: NoticeCall
    is_urgent: bool
    tries: int
    words: Mapping[str, Any]
    recipients: array[int]
    marks: bytes
    begun_since: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a recipient: its place in the chunk, its mark, and the platform's id of the message."""

    place: int
    mark: Mark
    msg_id: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored: those who are begun now, those who were to be and wait, since the account has no more calls, and
    whether the notice goes on at all."""

    begun: Sequence[int]
    left: Sequence[int]
    goes_on: bool


async def claim(session: AsyncSession, *, worker: str) -> Work | None:
    """Takes the next chunk that is due, of a warning first. Nobody else gets the same, and nobody waits for who takes
    another."""
    now = clock.now()
    query = (
        select(NoticeChunk.notice_id, NoticeChunk.number)
        .join(Notice, Notice.id == NoticeChunk.notice_id)
        .where(*_is_claimable(now))
        .order_by(
            case((Notice.occasion == Occasion.WARNING, 0), else_=1), Notice.started_at, NoticeChunk.number
        )
        .limit(1)
        .with_for_update(skip_locked=True, of=NoticeChunk)
    )
    key = (await session.execute(query)).first()
    if key is None:
        return None
    holder = f"{worker[:37]}:{new_id()}"
    await session.execute(
        update(NoticeChunk)
        .where(NoticeChunk.notice_id == key.notice_id, NoticeChunk.number == key.number)
        .values(lease_until=now + LEASE, lease_holder=holder)
        .execution_options(synchronize_session=False)
    )
    return await _work(session, key.notice_id, key.number, holder)


async def count_claimable(session: AsyncSession, at: datetime, most: int) -> int:
    """How many chunks may be taken at `at`, counted no further than `most`."""
    query = (
        select(NoticeChunk.number)
        .join(Notice, Notice.id == NoticeChunk.notice_id)
        .where(*_is_claimable(at))
        .limit(most)
    )
    return len((await session.scalars(query)).all())


async def openids(session: AsyncSession, work: Work, places: Sequence[int]) -> dict[int, str]:
    """The openids of those who still follow and agree, by their place."""
    wanted = {work.recipients[place]: place for place in places}
    query = select(Follower.id, Follower.openid).where(
        Follower.id.in_(wanted), Follower.subscribed, Follower.consented_at.is_not(None)
    )
    return {wanted[follower_id]: openid for follower_id, openid in await session.execute(query)}


async def store(
    session: AsyncSession,
    work: Work,
    outcomes: Sequence[Outcome],
    begin: Sequence[int],
    begun_since: datetime | None,
) -> Stored:
    """Stores what came of some, and marks those of `begin` as begun that may be: as many as the account has calls for, and
    none where the notice does not go on. `begun_since` is the oldest beginning of those that stay open.

    Raises ChunkLost: nothing is stored, and nothing more may be sent.
    """
    now = clock.now()
    row = await _held(session, work)
    marks = bytearray(row.marks)
    msg_ids = unpack(row.msg_ids) if row.msg_ids else None
    for one in outcomes:
        if marks[one.place] not in SETTLED:
            marks[one.place] = one.mark
        if one.msg_id:
            msg_ids = msg_ids or unpack(bytes(8 * len(marks)))
            msg_ids[one.place] = one.msg_id
    goes_on = row.state is NoticeState.RUNNING and row.due_at <= now and row.may_send
    open_ = [place for place in begin if marks[place] in OPEN]
    begun = await _paid_for(session, work, open_) if goes_on else ()
    for place in begun:
        marks[place] = Mark.BEGUN
    await _write(session, work, marks, msg_ids, begun_since or (now if begun else None), now)
    return Stored(begun, open_[len(begun) :], goes_on)


async def release(session: AsyncSession, work: Work, due_at: datetime) -> None:
    """Gives the chunk back; whoever takes it at `due_at` or later goes on. One that somebody else has taken is left."""
    await session.execute(
        update(NoticeChunk)
        .where(*_is_held(work))
        .values(lease_until=None, lease_holder=None, due_at=due_at)
        .execution_options(synchronize_session=False)
    )


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Notice.state == NoticeState.RUNNING,
        Notice.due_at <= now,
        Notice.account_id.in_(sending_accounts()),
        ~NoticeChunk.is_done,
        NoticeChunk.due_at <= now,
        or_(NoticeChunk.lease_until.is_(None), NoticeChunk.lease_until < now),
    )


def _is_held(work: Work) -> tuple[ColumnElement[bool], ...]:
    return (
        NoticeChunk.notice_id == work.notice_id,
        NoticeChunk.number == work.number,
        NoticeChunk.lease_holder == work.holder,
    )


async def _work(session: AsyncSession, notice_id: str, number: int, holder: str) -> Work:
    query = (
        select(NoticeChunk, NoticeChunk.recipients, NoticeChunk.marks, Notice, Account)
        .join(Notice, Notice.id == NoticeChunk.notice_id)
        .join(Account, Account.id == Notice.account_id)
        .where(NoticeChunk.notice_id == notice_id, NoticeChunk.number == number)
        .execution_options(populate_existing=True)
    )
    chunk, recipients, marks, notice, account = (await session.execute(query)).one()
    return Work(
        notice_id,
        number,
        holder,
        account,
        chunk.call,
        notice.is_urgent,
        notice.tries,
        notice.words[chunk.variant][chunk.call],
        unpack(recipients),
        marks,
        chunk.begun_since,
    )


async def _held(session: AsyncSession, work: Work) -> Row[bytes, bytes, NoticeState, datetime, bool]:
    """The row, locked, beside what the notice and its account allow now. Raises ChunkLost."""
    query = (
        select(
            NoticeChunk.marks,
            NoticeChunk.msg_ids,
            Notice.state,
            Notice.due_at,
            Notice.account_id.in_(sending_accounts()).label("may_send"),
        )
        .join(Notice, Notice.id == NoticeChunk.notice_id)
        .where(*_is_held(work))
        .with_for_update(of=NoticeChunk)
    )
    row = (await session.execute(query)).first()
    if row is None:
        raise ChunkLost(work.notice_id, work.number)
    return row


async def _paid_for(session: AsyncSession, work: Work, places: Sequence[int]) -> Sequence[int]:
    """Those of `places` for whom the account has calls left today. Where it has not enough, the notice waits for the
    window."""
    if not places:
        return ()
    demand = Demand(work.account.id, ChannelName.WECHAT, _USES[work.call], len(places))
    (grant,) = await budgets.take(session, [demand])
    if grant.number < len(places) and grant.opens_at is not None:
        await suspend(session, work.notice_id, grant.opens_at, grant.reason)
    return places[: grant.number]


async def _write(
    session: AsyncSession,
    work: Work,
    marks: bytearray,
    msg_ids: array[int] | None,
    begun_since: datetime | None,
    now: datetime,
) -> None:
    tally = tally_of(marks)
    await session.execute(
        update(NoticeChunk)
        .where(*_is_held(work))
        .values(
            marks=bytes(marks),
            **({"msg_ids": pack(msg_ids)} if msg_ids else {}),
            tally={str(mark): number for mark, number in tally.items()},
            is_done=not any(mark in tally for mark in OPEN),
            begun_since=begun_since,
            lease_until=now + LEASE,
        )
        .execution_options(synchronize_session=False)
    )
