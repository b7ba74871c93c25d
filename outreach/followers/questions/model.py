"""The table of questions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime
from outreach.foundation.ids import new_id


class Question(Base):
    """Words that were not understood, with how often they came. Whose they are is not kept, and what the screening
    finds in them (numbers, names, addresses) is masked before it is stored."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_closed_at_last_at", "closed_at", "last_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    words_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of account and words, by which the same words are counted together."""
    words: Mapped[str] = mapped_column(String(200))
    count: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_name: Mapped[str | None] = mapped_column(String(64))
