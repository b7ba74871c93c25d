"""The kept counts. A month is part of every key, so that it can be closed and corrected later.

Each count bears beside it what it was when its month was closed (`closed_…`): None where the month is open, or where
there was nothing of it at the closing. What the month has by now is always the count itself.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.items.model import Kind, Origin

NONE: Final = ""
"""Stands in a key for what does not apply, or is not known (yet): a key's part can't be null."""


class Measure(StrEnum):
    """What is counted. `POSTS` (also those withdrawn since), `WITHDRAWN` and `CONTENTS` (items disclosed, each once, by
    catalogue matter) are the figures of a month; the others stand beside them: articles that went out with a push,
    decisions of reviews by stage, refusals by article of the Regulation, notices by occasion."""

    POSTS = "posts"
    WITHDRAWN = "withdrawn"
    CONTENTS = "contents"
    ARTICLES = "articles"
    REVIEWS = "reviews"
    REFUSALS = "refusals"
    NOTICES = "notices"


class Tally(Base):
    """How many posts of a kind went out on an account in a month. `month` is `YYYY-MM`, Asia/Shanghai."""

    __tablename__ = "tally"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(stored_enum(Kind), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True)
    origin: Mapped[Origin] = mapped_column(stored_enum(Origin), primary_key=True)
    posts: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    closed_posts: Mapped[int | None]
    closed_withdrawn: Mapped[int | None]


class ActTally(Base):
    """How much of one `measure` there was in a month, of an account, kind, section and origin where that applies.

    `detail` is the catalogue matter of contents (empty until the catalogue names one), `stage:decision` of reviews, the
    article of the Regulation that a refusal cites (`other` where it cites none), the occasion of notices.
    """

    __tablename__ = "act_tally"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    measure: Mapped[Measure] = mapped_column(stored_enum(Measure), primary_key=True)
    account_id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    section_id: Mapped[str] = mapped_column(ID, primary_key=True)
    origin: Mapped[str] = mapped_column(String(32), primary_key=True)
    detail: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    closed_number: Mapped[int | None]


class ClosedMonth(Base):
    """The office closed a month (结账): its figures stay as they were, and what changes later is listed against it."""

    __tablename__ = "closed_month"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class MonthCorrection(Base):
    """What changed of a month after it was closed (结账后变动), and why (`reason`, Chinese). `post_id` is the post whose
    confirmation or withdrawal came late; none where a recount put a count right."""

    __tablename__ = "month_correction"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    month: Mapped[str] = mapped_column(ForeignKey("closed_month.month"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    measure: Mapped[Measure] = mapped_column(stored_enum(Measure))
    account_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(32))
    section_id: Mapped[str] = mapped_column(ID)
    origin: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(String(64))
    change: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    post_id: Mapped[str | None] = mapped_column(ID)


class ImportedFigure(Base):
    """How many posts went out in a month (`YYYY-MM`) or a year (`YYYY`) before this service counted, as `source` says.

    `channel` and `kind` are empty where the source does not tell them apart."""

    __tablename__ = "imported_figure"

    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    origin: Mapped[Origin] = mapped_column(stored_enum(Origin), primary_key=True)
    posts: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
