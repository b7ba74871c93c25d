"""Tables of items, their revisions, authors and attachments."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id, new_public_id
from outreach.people.model import Section


class Kind(StrEnum):
    """What is disclosed (类别)."""

    EIA_NOTICE = "eia_notice"
    PENALTY = "penalty"
    AIR_QUALITY = "air_quality"
    EVENT = "event"


class Origin(StrEnum):
    """Whether the office made the text itself (原创) or took it over (转载): set by the office."""

    ORIGINAL = "original"
    REPOST = "repost"


class ItemState(StrEnum):
    """Where an item is on its way; in review it also stands at a `Stage`."""

    DRAFT = "draft"
    SCREENING = "screening"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SEALED = "sealed"


class Stage(StrEnum):
    """A stage of the review, in their order."""

    SECTION = "section"
    CONFIDENTIALITY = "confidentiality"
    SIGN_OFF = "sign_off"


class Item(Base):
    """One thing to disclose. `version` rises with every change (the ETag), `revision` with the first edit
    after a submit. `is_emergency`: the present revision was submitted as an emergency (应急). `not_before`: nothing of
    it may go out earlier (不早于); it is no part of what is reviewed.

    `public_end_reason` is why it is no longer public: set when all of it is to be withdrawn, while its posts may
    still be on the platforms. `publish_until` and `credit_repaired_on` of a penalty are those in force, the
    revision's own or set later; `withdraw_on` is the earlier of them, the day on which it is withdrawn.
    """

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_state_stage", "state", "stage"),
        Index(
            "ix_item_corrects_id",
            "corrects_id",
            sqlite_where=text("corrects_id IS NOT NULL"),
            postgresql_where=text("corrects_id IS NOT NULL"),
        ),
        Index(
            "ix_item_withdraw_on",
            "withdraw_on",
            sqlite_where=text("withdraw_on IS NOT NULL"),
            postgresql_where=text("withdraw_on IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    source_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    kind: Mapped[Kind] = mapped_column(stored_enum(Kind), index=True)
    title: Mapped[str] = mapped_column(String(64))
    short_title: Mapped[str | None] = mapped_column(String(32))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), index=True)
    origin: Mapped[Origin] = mapped_column(stored_enum(Origin))
    repost_source: Mapped[str | None] = mapped_column(String(128))
    repost_url: Mapped[str | None] = mapped_column(String(1024))
    corrects_id: Mapped[str | None] = mapped_column(ForeignKey("item.id"))
    formed_on: Mapped[date]
    body: Mapped[str] = mapped_column(Text)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[ItemState] = mapped_column(stored_enum(ItemState))
    stage: Mapped[Stage | None] = mapped_column(stored_enum(Stage))
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    deadline: Mapped[date]
    deadline_is_estimate: Mapped[bool]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_emergency: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_post_id: Mapped[str | None] = mapped_column(ID)
    public_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public_end_reason: Mapped[str | None] = mapped_column(String(512))
    publish_until: Mapped[date | None]
    credit_repaired_on: Mapped[date | None]
    withdraw_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    section: Mapped[Section] = relationship(lazy="joined", innerjoin=True)
    attachments: Mapped[list[Attachment]] = relationship(
        lazy="selectin", order_by="Attachment.position", cascade="all, delete-orphan"
    )
    revisions: Mapped[list[Revision]] = relationship(
        lazy="raise", order_by="Revision.number", cascade="all, delete-orphan"
    )
    authors: Mapped[list[Author]] = relationship(lazy="raise", cascade="all, delete-orphan")


class Revision(Base):
    """An immutable snapshot that reviews refer to, taken when it is submitted.

    `snapshot` is the whole content (the shape of `items.content.Content`), `content_hash` its SHA-256.
    """

    __tablename__ = "revision"

    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    submitted_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Author(Base):
    """Somebody who wrote or submitted a revision, and so decides at no stage of it or a later one that
    goes on from its text."""

    __tablename__ = "author"

    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Attachment(Base):
    """A file of an item. Without `sha256` it was named but is not there yet (`missing`)."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("item_id", "name"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    position: Mapped[int]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(default=0)
    media_type: Mapped[str | None] = mapped_column(String(128))

    @property
    def missing(self) -> bool:
        """Whether the file still has to be uploaded."""
        return self.sha256 is None
