"""Tables of notices: what is to be told, to whom in which chunks, with which templates, and by whose consent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from outreach.channels.notice_protocol import NoticeCall
from outreach.followers.model import SERIAL
from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id


class Occasion(StrEnum):
    """Why followers are told something: an item is out, a heavy-pollution warning is, an event is tomorrow, or the hour
    has come at which somebody wants everything at once."""

    PUBLICATION = "publication"
    WARNING = "warning"
    EVE = "eve"
    DIGEST = "digest"


class NoticeState(StrEnum):
    """Where a notice is on its way (`rules.TRANSITIONS`)."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Notice(Base):
    """One thing that is told to the followers of an account. `event` names what happened, once an account: a second post
    of the same item plans no second notice.

    It starts, or goes on, at `due_at`; `wait_reason` says why not earlier (Chinese). `words` is what is told, set when it
    starts: a list, which a chunk refers to by its `variant`, of objects with the fields of `NoticeWords` by call.
    `audience` is how many are told in all; `held_back` how many more had their number for the day, `without_call` how
    many there was no way to. `speed_from` and `speed_done` are where the present run began, from which the end is
    estimated. `stopped_because` says who paused or cancelled it and why.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("account_id", "event"),
        Index(
            "ix_notice_due_at",
            "due_at",
            sqlite_where=text("state IN ('planned', 'running')"),
            postgresql_where=text("state IN ('planned', 'running')"),
        ),
        Index("ix_notice_account_id_started_at", "account_id", "started_at"),
        Index("ix_notice_item_id", "item_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    event: Mapped[str] = mapped_column(String(64))
    occasion: Mapped[Occasion] = mapped_column(stored_enum(Occasion))
    item_id: Mapped[str | None] = mapped_column(ForeignKey("item.id"))
    title: Mapped[str] = mapped_column(String(64))
    state: Mapped[NoticeState] = mapped_column(stored_enum(NoticeState))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wait_reason: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    words: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    audience: Mapped[int] = mapped_column(default=0)
    held_back: Mapped[int] = mapped_column(default=0)
    without_call: Mapped[int] = mapped_column(default=0)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    speed_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    speed_done: Mapped[int] = mapped_column(default=0)
    stopped_because: Mapped[str | None] = mapped_column(Text)

    @property
    def is_urgent(self) -> bool:
        """Whether it passes quiet hours and the number a day."""
        return self.occasion is Occasion.WARNING


class NoticeChunk(Base):
    """Some thousand recipients of a notice, worked at by one worker at a time.

    `recipients` are the ids of the followers, ascending (`packing`); `marks` a byte each (`marks.Mark`); `msg_ids` packed
    like the recipients, 0 where there is none, and nothing at all before the first is known. `tally` is how many have
    each mark. `begun_since` is when the oldest of the calls was begun whose answer is not known; before `due_at` nobody
    takes the chunk (again).
    """

    __tablename__ = "notice_chunk"
    __table_args__ = (
        Index(
            "ix_notice_chunk_open",
            "notice_id",
            "number",
            sqlite_where=text("NOT is_done"),
            postgresql_where=text("NOT is_done"),
        ),
    )

    notice_id: Mapped[str] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[NoticeCall] = mapped_column(stored_enum(NoticeCall))
    variant: Mapped[int]
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    recipients: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    marks: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    msg_ids: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    tally: Mapped[dict[str, int]] = mapped_column(JSON)
    is_done: Mapped[bool] = mapped_column(Boolean, default=False)
    begun_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str | None] = mapped_column(String(64))


class NoticeTemplate(Base):
    """The template by which an account tells of one kind of thing. `use` is an item's kind, `digest`, or `eve`; `fields`
    are objects with `name`, `label` and `fact`, the fact that is filled in (`words.FACTS`)."""

    __tablename__ = "notice_template"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    use: Mapped[str] = mapped_column(String(32), primary_key=True)
    call: Mapped[NoticeCall] = mapped_column(stored_enum(NoticeCall), primary_key=True)
    template_id: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(String(128))
    fields: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    lasting: Mapped[bool]


class NoticeConsent(Base):
    """What a follower allowed, or refused, of a template: `left` messages; of a lasting one any number while it is above
    zero. A follower who refused has none."""

    __tablename__ = "notice_consent"

    template_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    follower_id: Mapped[int] = mapped_column(
        SERIAL, ForeignKey("follower.id", ondelete="CASCADE"), primary_key=True
    )
    left: Mapped[int]
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
