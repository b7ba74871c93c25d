"""Tables of what followers wrote and did, and of what they are answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.followers.model import SERIAL
from outreach.foundation.database import Base, UtcDateTime, stored_enum


class MessageState(StrEnum):
    """How far a message has come: WAITING to be handled, also while somebody is at it."""

    WAITING = "waiting"
    HANDLED = "handled"
    FAILED = "failed"


class Message(Base):
    """A message or an event, once, however often WeChat sends it.

    `kind` is the message's type or the event's name as WeChat spells it, `sent_at` WeChat's own time. `sealed` is
    what came (`xml`), under SECRET_KEY: a person's words and openid are in it. It is emptied when an event without
    words was handled. `due_at` is when it is to be handled, or until when `holder` has it. `follower_id` is known
    when it was handled. `is_report`: it tells of pollution, and was pointed to 12369.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("account_id", "dedupe_key"),
        Index("ix_message_state_due", "state", "due_at"),
        Index("ix_message_follower_id", "follower_id"),
        Index("ix_message_received_at", "received_at"),
        Index(
            "ix_message_id_worded",
            "id",
            sqlite_where=text("sealed IS NOT NULL"),
            postgresql_where=text("sealed IS NOT NULL"),
        ),
        Index(
            "ix_message_received_at_wordless",
            "received_at",
            sqlite_where=text("sealed IS NULL"),
            postgresql_where=text("sealed IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    dedupe_key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed: Mapped[str | None] = mapped_column(Text)
    state: Mapped[MessageState] = mapped_column(stored_enum(MessageState))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    follower_id: Mapped[int | None] = mapped_column(ForeignKey("follower.id", ondelete="CASCADE"))
    is_report: Mapped[bool] = mapped_column(default=False)


class ReplyState(StrEnum):
    """Where an answer is on its way. UNCERTAIN: it was sent, and nobody knows whether it arrived; it is never sent
    again."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class Reply(Base):
    """An answer to a message, sent as a customer-service message. `content` is what is said (`service.content_of`).
    `due_at` is when it is to be sent, or until when `holder` is sending it."""

    __tablename__ = "reply"
    __table_args__ = (
        Index("ix_reply_state_due", "state", "due_at"),
        Index("ix_reply_message_id", "message_id"),
        Index("ix_reply_follower_id", "follower_id"),
    )

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    follower_id: Mapped[int] = mapped_column(ForeignKey("follower.id", ondelete="CASCADE"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[ReplyState] = mapped_column(stored_enum(ReplyState))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(64))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem_code: Mapped[str | None] = mapped_column(String(64))
    problem_message: Mapped[str | None] = mapped_column(Text)
