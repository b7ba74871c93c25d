"""How far the last synchronisation of each account has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import Base, UtcDateTime, stored_enum


class SyncState(StrEnum):
    """RUNNING: also while it waits for a worker or a budget. STOPPED: by somebody; FAILED: the platform refuses it."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class FollowerSync(Base):
    """One an account: the last one. First the list of openids is fetched, page by page (`next_openid` is the last of
    the page before), then, with `is_listed`, for whom it is not known since when they follow (`detailed_id` is the
    last follower who was asked about). `total`, `listed`, `to_detail` and `detailed` count followers.

    `due_at` is when the next step is to be taken, or until when `holder` takes it. `problem` (Chinese) is why it waits
    or failed.
    """

    __tablename__ = "follower_sync"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    state: Mapped[SyncState] = mapped_column(stored_enum(SyncState))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_name: Mapped[str] = mapped_column(String(64))
    total: Mapped[int | None]
    listed: Mapped[int] = mapped_column(default=0)
    next_openid: Mapped[str | None] = mapped_column(String(64))
    is_listed: Mapped[bool] = mapped_column(default=False)
    to_detail: Mapped[int | None]
    detailed: Mapped[int] = mapped_column(default=0)
    detailed_id: Mapped[int] = mapped_column(BigInteger, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(Text)
