"""Messages are kept as they come, and each is handled once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.follower_protocol import Answer
from outreach.channels.wechat.messages import FollowerMessage
from outreach.followers.conversations.model import Message, MessageState, Reply, ReplyState
from outreach.followers.conversations.rules import LEASE, MOST_TRIES, content_of, wait_before_try
from outreach.foundation import clock
from outreach.foundation.database import insert_into
from outreach.foundation.ids import new_id


class Received(NamedTuple):
    """A message that has just come, with all that came of it sealed."""

    account_id: str
    message: FollowerMessage
    sealed: str


class Hold(NamedTuple):
    """A message that somebody is at; `holder` names the claim that gave it."""

    message_id: int
    holder: str


async def keep(session: AsyncSession, received: Sequence[Received]) -> list[None]:
    """Keeps each of them once, whatever was kept before."""
    now = clock.now()
    rows = [
        {
            "account_id": one.account_id,
            "dedupe_key": one.message.dedupe_key,
            "kind": one.message.kind,
            "sent_at": one.message.at,
            "received_at": now,
            "sealed": one.sealed,
            "state": MessageState.WAITING,
            "due_at": now,
            "tries": 0,
            "is_report": False,
        }
        for one in received
    ]
    await session.execute(insert_into(session, Message).on_conflict_do_nothing(), rows)
    return [None] * len(rows)


async def claim_waiting(session: AsyncSession, *, worker: str, limit: int) -> list[Hold]:
    """Takes up to `limit` messages that wait, in the order in which they came, also from whoever let the time lapse.
    What was tried too often is left as failed."""
    now = clock.now()
    waiting = (Message.state == MessageState.WAITING, Message.due_at <= now)
    query = select(Message.id, Message.tries).where(*waiting).order_by(Message.id).limit(limit)
    found = (await session.execute(query.with_for_update(skip_locked=True))).all()
    if not found:
        return []
    await _fail(session, [id_ for id_, tries in found if tries >= MOST_TRIES])
    taken = [id_ for id_, tries in found if tries < MOST_TRIES]
    holder = f"{worker}:{new_id()[-6:]}"
    await session.execute(
        update(Message)
        .where(Message.id.in_(taken), *waiting)
        .values(due_at=now + LEASE, holder=holder, tries=Message.tries + 1)
        .execution_options(synchronize_session=False)
    )
    return [Hold(id_, holder) for id_ in taken]


async def finish(session: AsyncSession, holds: Sequence[Hold]) -> list[Message]:
    """Those of `holds` that nobody else has taken, now handled, in their order: whoever asks handles them in the same
    transaction."""
    holders = {hold.holder for hold in holds}
    handled = (
        update(Message)
        .where(
            Message.id.in_([hold.message_id for hold in holds]),
            Message.state == MessageState.WAITING,
            Message.holder.in_(holders),
        )
        .values(state=MessageState.HANDLED)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    ids = (await session.scalars(handled)).all()
    return list(await session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id)))


async def put_off(session: AsyncSession, hold: Hold) -> None:
    """It could not be handled: it is tried again, or left as failed."""
    tries = await session.scalar(select(Message.tries).where(Message.id == hold.message_id)) or 0
    if tries >= MOST_TRIES:
        await _fail(session, [hold.message_id])
        return
    await session.execute(
        update(Message)
        .where(
            Message.id == hold.message_id,
            Message.holder == hold.holder,
            Message.state == MessageState.WAITING,
        )
        .values(due_at=clock.now() + wait_before_try(tries), holder=None)
        .execution_options(synchronize_session=False)
    )


async def plan_replies(session: AsyncSession, message: Message, answers: Sequence[Answer]) -> None:
    """Has `answers` sent to whoever wrote `message`, which is handled in the same transaction."""
    now = clock.now()
    for answer in answers:
        session.add(
            Reply(
                message_id=message.id,
                account_id=message.account_id,
                follower_id=message.follower_id,
                content=content_of(answer),
                state=ReplyState.PLANNED,
                due_at=now,
                written_at=now,
            )
        )
    await session.flush()


async def _fail(session: AsyncSession, message_ids: Collection[int]) -> None:
    await session.execute(
        update(Message)
        .where(Message.id.in_(message_ids), Message.state == MessageState.WAITING)
        .values(state=MessageState.FAILED, holder=None)
        .execution_options(synchronize_session=False)
    )
