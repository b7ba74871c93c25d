"""Tables of posts (the outbox) and of the attempts to deliver them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.channels.model import Account
from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.items.model import Item, Kind, Origin
from outreach.publishing.editions.model import Edition


class PostState(StrEnum):
    """Where a post is on its way."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    UNCERTAIN = "uncertain"
    NEEDS_PERSON = "needs_person"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


class Post(Base):
    """One rendition on one account, and all that is known of its delivery.

    `rendition` is what is sent, frozen when the post was planned (the shape of `publishing.renditions`).
    `due_at` is when the next step is to be taken; `lease_until` keeps other workers off.
    `media_id`, `release_began_at` and `publish_id` are the steps that the platform remembers: each is
    stored before the next one is taken. `release_began_at` says that the call that publishes was begun.
    `withdraw_reason` (public), `withdraw_by` (a name) and `withdraw_at` say why, by whose order and since when it is
    withdrawn; `takedown_began_at` is stored before the call that takes it down; `withdrawn_at` is when it was known to
    be gone.
    `kind`, `section_id`, `origin` and `is_correction` are the item's when it was planned: what it counts as.
    An article of an edition has its id and its place in it, `article_idx`, from 1: it goes out with the edition
    and by nothing else.
    """

    __tablename__ = "post"
    __table_args__ = (
        Index(
            "uq_post_live",
            "item_id",
            "account_id",
            unique=True,
            sqlite_where=text("state NOT IN ('cancelled', 'withdrawn')"),
            postgresql_where=text("state NOT IN ('cancelled', 'withdrawn')"),
        ),
        Index("ix_post_state_due", "state", "due_at"),
        Index(
            "ix_post_account_id_published_at",
            "account_id",
            "published_at",
            sqlite_where=text("published_at IS NOT NULL"),
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    revision: Mapped[int]
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[Kind] = mapped_column(stored_enum(Kind))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"))
    origin: Mapped[Origin] = mapped_column(stored_enum(Origin))
    is_correction: Mapped[bool]
    state: Mapped[PostState] = mapped_column(stored_enum(PostState))
    rendition: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    media_id: Mapped[str | None] = mapped_column(String(256))
    release_began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    publish_id: Mapped[str | None] = mapped_column(String(128))
    msg_data_id: Mapped[str | None] = mapped_column(String(64))
    platform_id: Mapped[str | None] = mapped_column(String(256))
    url: Mapped[str | None] = mapped_column(String(1024))
    problem_code: Mapped[str | None] = mapped_column(String(64))
    problem_message: Mapped[str | None] = mapped_column(Text)
    after_withdrawing: Mapped[bool] = mapped_column(default=False)
    edition_id: Mapped[str | None] = mapped_column(ForeignKey("edition.id"), index=True)
    article_idx: Mapped[int | None]
    planned_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    withdraw_reason: Mapped[str | None] = mapped_column(String(512))
    withdraw_by: Mapped[str | None] = mapped_column(String(64))
    withdraw_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    takedown_began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    item: Mapped[Item] = relationship(lazy="joined", innerjoin=True)
    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)
    edition: Mapped[Edition | None] = relationship(lazy="raise")
    attempts: Mapped[list[Attempt]] = relationship(lazy="raise", order_by="Attempt.id")


ALONE: Final = Post.edition_id.is_(None)
"""That a post goes out by itself, and not with an edition."""


class Attempt(Base):
    """One step of a delivery as it went. `message` is Chinese and bears no secret."""

    __tablename__ = "attempt"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    worker: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(32))
    code: Mapped[str | None] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(Text)
