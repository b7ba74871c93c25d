"""The read side of messages and answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

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
