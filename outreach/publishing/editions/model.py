"""Tables of editions, of how each went, and of the previews that were sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.channels.model import Account
from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id


class EditionState(StrEnum):
    """Where an edition is on its way: first it is composed, then it goes the way of a post."""

    COMPOSING = "composing"
    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    UNCERTAIN = "uncertain"
    NEEDS_PERSON = "needs_person"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class Edition(Base):
    """One mass push on one account. Its articles are the posts with its id, in the order of `article_idx`.

    `version` rises with each change of the composition and of the state. `media_id` is the draft on the
    platform and `draft_of` the fingerprint of the articles that it holds. `client_msg_id`, `release_began_at`,
    `repeated_at` and `msg_id` are the steps of the call that pushes: each is stored before the next one is
    taken; the call is repeated once at most, under the same `client_msg_id`. `msg_data_id` joins the figures
    of readers. The counts are the platform's: followers in the target, left after its filters, reached, missed.
    """

    __tablename__ = "edition"
    __table_args__ = (Index("ix_edition_state_due", "state", "due_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[EditionState] = mapped_column(stored_enum(EditionState))
    version: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    media_id: Mapped[str | None] = mapped_column(String(256))
    draft_of: Mapped[str | None] = mapped_column(String(64))
    client_msg_id: Mapped[str | None] = mapped_column(String(32))
    release_began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    repeated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    msg_id: Mapped[str | None] = mapped_column(String(64), index=True)
    msg_data_id: Mapped[str | None] = mapped_column(String(64))
    total_count: Mapped[int | None]
    filter_count: Mapped[int | None]
    sent_count: Mapped[int | None]
    error_count: Mapped[int | None]
    problem_code: Mapped[str | None] = mapped_column(String(64))
    problem_message: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    planned_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    planned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class EditionAttempt(Base):
    """One step of a push as it went. `message` is Chinese and bears no secret."""

    __tablename__ = "edition_attempt"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    worker: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(32))
    code: Mapped[str | None] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(Text)


class EditionPreview(Base):
    """A preview to one named follower. It is stored before the call, and counts against the day's hundred
    whatever came of it. `problem` is Chinese; None where the platform took it, or has not answered yet."""

    __tablename__ = "edition_preview"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    edition_id: Mapped[str] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(Text)
