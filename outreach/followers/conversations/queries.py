"""The read side of messages and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.wechat.messages import WORDED_KINDS
from outreach.followers.conversations.model import Message, MessageState, Reply, ReplyState


async def oldest_waiting(session: AsyncSession) -> datetime | None:
    """When the first message or answer is or was due that waits; None where nothing waits."""
    message = select(Message.due_at).where(Message.state == MessageState.WAITING)
    reply = select(Reply.due_at).where(Reply.state.in_((ReplyState.PLANNED, ReplyState.SENDING)))
    firsts = [
        await session.scalar(message.order_by(Message.due_at).limit(1)),
        await session.scalar(reply.order_by(Reply.due_at).limit(1)),
    ]
    return min((one for one in firsts if one is not None), default=None)


async def page_of_words(
    session: AsyncSession, *, account_id: str | None, reports_only: bool, limit: int, before: int | None
) -> list[Message]:
    """What people wrote or sent, the newest first, before the message `before` where it is given."""
    query = select(Message).where(Message.sealed.is_not(None), Message.kind.in_(WORDED_KINDS))
    if account_id is not None:
        query = query.where(Message.account_id == account_id)
    if reports_only:
        query = query.where(Message.is_report)
    if before is not None:
        query = query.where(Message.id < before)
    return list(await session.scalars(query.order_by(Message.id.desc()).limit(limit)))


async def replies_to(session: AsyncSession, message_ids: Collection[int]) -> Mapping[int, list[Reply]]:
    """The answers to these messages, in their order."""
    found: defaultdict[int, list[Reply]] = defaultdict(list)
    query = select(Reply).where(Reply.message_id.in_(message_ids)).order_by(Reply.id)
    for reply in await session.scalars(query):
        found[reply.message_id].append(reply)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages that wait or failed, answers of which nobody knows whether they arrived, and since when the first of
    those waits that are due (aware)."""

    waiting: int
    failed: int
    uncertain: int
    since: datetime | None


async def count_waiting(session: AsyncSession) -> Waiting:
    """How the conversations stand, for whoever watches the house."""

    async def count(*where: ColumnElement[bool]) -> int:
        return await session.scalar(select(func.count()).where(*where)) or 0

    return Waiting(
        await count(Message.state == MessageState.WAITING),
        await count(Message.state == MessageState.FAILED),
        await count(Reply.state == ReplyState.UNCERTAIN),
        await oldest_waiting(session),
    )
