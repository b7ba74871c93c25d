"""Accounts of the bureau on the platforms, and what is kept for each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id


class ChannelName(StrEnum):
    """A platform."""

    WECHAT = "wechat"
    WEIBO = "weibo"


class AccountType(StrEnum):
    """WeChat's two types: 订阅号 and 服务号."""

    SUBSCRIPTION = "subscription"
    SERVICE = "service"


class Account(Base):
    """An account of the bureau. `sealed_credentials` is JSON under SECRET_KEY (`foundation.seal`):
    WeChat `appid, secret, token, encoding_aes_key`; Weibo `app_key, app_secret, uid, access_token, rip`.

    `authorised_until` is when the platform's authorisation ends, where it has one and told so; `called_back_at`,
    to the hour, when WeChat last called this service with a right signature.
    """

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    channel: Mapped[ChannelName] = mapped_column(stored_enum(ChannelName))
    name: Mapped[str] = mapped_column(String(64))
    type: Mapped[AccountType | None] = mapped_column(stored_enum(AccountType))
    verified: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    sealed_credentials: Mapped[str] = mapped_column(Text)
    paused_reason: Mapped[str | None] = mapped_column(String(512))
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    authorised_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountToken(Base):
    """The access token that all processes share: sealed, and refreshed by the one that holds the lease."""

    __tablename__ = "account_token"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    sealed_token: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Material(Base):
    """A file that the platform keeps for the account, by the hash of its content: uploaded once."""

    __tablename__ = "material"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    use: Mapped[str] = mapped_column(String(16), primary_key=True)
    media_id: Mapped[str | None] = mapped_column(String(256))
    url: Mapped[str | None] = mapped_column(String(1024))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallBudget(Base):
    """How much of one of an account's budgets (`channels.budget_rules`) is used in the window that began at
    `window_from`; what lies in an earlier window counts no more.

    `learned_limit` is what the platform itself told at `learned_at`; it stands above the published number.
    `spent_at` is when somebody first asked for more than was left in a window: the platform is asked whether it
    is so. `shut_until`: until then it wants nothing more, for the reason that it gave (Chinese).
    """

    __tablename__ = "call_budget"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_from: Mapped[datetime] = mapped_column(UtcDateTime)
    used: Mapped[int] = mapped_column(Integer)
    learned_limit: Mapped[int | None] = mapped_column(Integer)
    learned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shut_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shut_reason: Mapped[str | None] = mapped_column(Text)


class Breaker(Base):
    """What is known of an account whose platform does not answer; no row where all is well.

    `failures` counts the calls without an answer in a row, `openings` how often it was opened since a post
    last went through. While `open_until` lies ahead nothing is sent; afterwards one post or look is the
    probe, which whoever takes it holds until `probe_until`. `reason` is the last failure's sentence (Chinese).
    """

    __tablename__ = "breaker"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    openings: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    open_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    probe_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)


class AccountCheck(Base):
    """How the last check of an account went that somebody asked for. `rights` are those of `channels.rights` as
    objects (`name`, `state`, `message`), none where it came to no question; `problem` (Chinese) is the first
    thing to be mended, None where there is nothing. `passed_at` is when a check last went well."""

    __tablename__ = "account_check"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_name: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(Text)
    passed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rights: Mapped[list[dict[str, str]]] = mapped_column(JSON)
