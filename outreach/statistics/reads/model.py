"""Tables of the platform's figures, and of when they were last fetched."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import Base, UtcDateTime


class ArticleReading(Base):
    """What had come of an article up to the end of the day `on` (Asia/Shanghai), all sums since it was published.

    `msg_data_id` and `article_idx` (from 1) are the platform's name of it. `read_count`, `share_count` and
    `target_users` are told by the older call alone, `zaikan_users` (在看), `like_users` and `comments` by the newer:
    None where nothing was told. What is told anew of a day stands instead of what was told before.
    """

    __tablename__ = "article_reading"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    msg_data_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    article_idx: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column("on_day", Date, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    read_users: Mapped[int | None]
    read_count: Mapped[int | None]
    share_users: Mapped[int | None]
    share_count: Mapped[int | None]
    favourite_users: Mapped[int | None]
    zaikan_users: Mapped[int | None]
    like_users: Mapped[int | None]
    comments: Mapped[int | None]
    target_users: Mapped[int | None]
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FollowerDay(Base):
    """Who came and who left on the day `on`, and how many followed at its end."""

    __tablename__ = "follower_day"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    on: Mapped[date] = mapped_column("on_day", Date, primary_key=True)
    came: Mapped[int | None]
    left: Mapped[int | None]
    following: Mapped[int | None]
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FiguresFetch(Base):
    """When the figures of an account were last fetched: `fetched_on` is the day on which that was done to its end.
    `due_at` is when it is to be tried again, or until when `holder` is at it; `problem` (Chinese) is what kept it from
    coming to its end the last time."""

    __tablename__ = "figures_fetch"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    fetched_on: Mapped[date | None] = mapped_column(Date)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(Text)
