"""Tables of followers, topics and subscriptions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.items.model import Kind

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""A short ascending number: what a million rows are told apart and packed by."""


class Follower(Base):
    """Somebody who follows, or followed, a WeChat account. The openid is personal data: it is never shown or logged,
    only its hash is."""

    __tablename__ = "follower"
    # A number is never given twice: what remembers it (the audit log, a frozen audience) means nobody once it is gone.
    __table_args__ = (
        UniqueConstraint("account_id", "openid"),
        Index("ix_follower_account_id_subscribed", "account_id", "subscribed"),
        Index("ix_follower_unsubscribed_at", "unsubscribed_at"),
        Index(
            "ix_follower_account_id_digest_hour",
            "account_id",
            "digest_hour",
            sqlite_where=text("digest_hour IS NOT NULL"),
            postgresql_where=text("digest_hour IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    openid: Mapped[str] = mapped_column(String(64))
    subscribed: Mapped[bool]
    subscribed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unsubscribed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When they agreed to the notice on personal data (个人信息保护法 art. 17). Without it there are no subscriptions."""
    consented_to: Mapped[str | None] = mapped_column(String(64))
    """The SHA-256 of the notice that they agreed to: of another one they are told anew (art. 17, second paragraph)."""
    notice_told: Mapped[str | None] = mapped_column(String(64))
    """The same of the notice that they were sent last: 同意 alone agrees to nothing that was not read."""
    spoke_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Their last message: customer-service messages may follow within 48 hours. (A press on the menu allows them for a
    minute only, and is not kept.)"""
    listed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last synchronisation was begun that found them in the platform's list."""
    digest_hour: Mapped[int | None]
    """The hour of the day (Asia/Shanghai) at which they want everything at once; None: at once, each by itself."""


class Topic(Base):
    """What can be subscribed to. An empty string stands for "any": of a county (banner), of an enterprise."""

    __tablename__ = "topic"
    __table_args__ = (UniqueConstraint("account_id", "kind", "county", "enterprise", "aqi_above"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[Kind] = mapped_column(stored_enum(Kind))
    county: Mapped[str] = mapped_column(String(32), default="")
    enterprise: Mapped[str] = mapped_column(String(128), default="")
    aqi_above: Mapped[int] = mapped_column(default=0)
    """Air quality alone: told when the AQI is greater than this; 0: every bulletin."""


class Subscription(Base):
    """That a follower wants to hear of a topic."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_follower_id", "follower_id"),)

    topic_id: Mapped[str] = mapped_column(ForeignKey("topic.id"), primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("follower.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
