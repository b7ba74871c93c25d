"""The table of house texts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id


class TextState(StrEnum):
    """Where an edition of a house text is on its way."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETIRED = "retired"


class HouseText(Base):
    """An edition of a text. In use is the approved one of its key; where there is none, what ships with the product.

    Attributes:
        key: which text it is (`texts.catalogue`), or `answer.ID` of an answer that an editor proposed, or `survey.ID`
            of a survey.
        number: counts the editions of a key from 1.
        version: rises with every change, so that nobody decides on other words than they read.
        triggers: of a proposed answer, what followers may write to get it, one a line.
        author_ids: everybody who wrote at this edition: none of them decides on it.
        opinion: what was said with the last decision, an approval or a return.
    """

    __tablename__ = "house_text"
    __table_args__ = (
        UniqueConstraint("key", "number"),
        Index(
            "uq_house_text_open",
            "key",
            unique=True,
            sqlite_where=text("state IN ('draft', 'in_review')"),
            postgresql_where=text("state IN ('draft', 'in_review')"),
        ),
        Index(
            "uq_house_text_approved",
            "key",
            unique=True,
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    triggers: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text)
    state: Mapped[TextState] = mapped_column(stored_enum(TextState))
    author_ids: Mapped[list[str]] = mapped_column(JSON)
    author_name: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opinion: Mapped[str | None] = mapped_column(String(512))
