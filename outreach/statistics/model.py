"""The kept counts. A month is part of every key, so that it can be closed and corrected later."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import Base, stored_enum
from outreach.items.model import Kind, Origin


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


class ContentTally(Base):
    """How many items went out for the first time in a month: an item on two platforms counts once."""

    __tablename__ = "content_tally"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    kind: Mapped[Kind] = mapped_column(stored_enum(Kind), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True)
    origin: Mapped[Origin] = mapped_column(stored_enum(Origin), primary_key=True)
    contents: Mapped[int] = mapped_column(default=0)
