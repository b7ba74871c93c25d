"""Tables of the rules, of what is entered by hand, and of closed quarters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.statistics.assessment.rules import Measure


class AssessmentScheme(Base):
    """The rules as the office saved them once; the newest are in force for quarters that are not closed.

    `rules`: of each measure `{"measure", "weight", "cap"}`; numbers are decimals as text, like `base`.
    """

    __tablename__ = "assessment_scheme"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base: Mapped[str] = mapped_column(String(16))
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    basis: Mapped[str] = mapped_column(Text)
    saved_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    saved_by_name: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AssessmentEntry(Base):
    """What somebody counted by hand for a section, with the reason; `amount` below zero takes back."""

    __tablename__ = "assessment_entry"
    __table_args__ = (Index("ix_assessment_entry_quarter", "quarter"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    quarter: Mapped[str] = mapped_column(String(7))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"))
    measure: Mapped[Measure] = mapped_column(stored_enum(Measure))
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_name: Mapped[str | None] = mapped_column(String(64))


class AssessmentQuarter(Base):
    """A quarter that the office has closed: by these rules (None: those that ship)."""

    __tablename__ = "assessment_quarter"

    quarter: Mapped[str] = mapped_column(String(7), primary_key=True)
    scheme_number: Mapped[int | None] = mapped_column(ForeignKey("assessment_scheme.number"))
    base: Mapped[str] = mapped_column(String(16))
    closed_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    closed_by_name: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AssessmentStanding(Base):
    """How a section stood when the quarter was closed. `amounts` and `points` by measure; numbers are decimals as
    text."""

    __tablename__ = "assessment_standing"

    quarter: Mapped[str] = mapped_column(ForeignKey("assessment_quarter.quarter"), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True)
    section_name: Mapped[str] = mapped_column(String(64))
    amounts: Mapped[dict[str, int]] = mapped_column(JSON)
    points: Mapped[dict[str, str]] = mapped_column(JSON)
    total: Mapped[str] = mapped_column(String(16))
    rank: Mapped[int]
    due: Mapped[int]
    in_time: Mapped[int]


class AssessmentEvidence(Base):
    """What stood behind the points of a closed quarter. It names an item, a case or an entry and holds no word of it:
    what an item was called is read from the item, which may have been purged."""

    __tablename__ = "assessment_evidence"
    __table_args__ = (Index("ix_assessment_evidence_quarter", "quarter", "section_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    quarter: Mapped[str] = mapped_column(ForeignKey("assessment_quarter.quarter"))
    section_id: Mapped[str | None] = mapped_column(ForeignKey("section.id"))
    measure: Mapped[Measure] = mapped_column(stored_enum(Measure))
    subject: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(ID)
    amount: Mapped[int]
    on: Mapped[date] = mapped_column("on_day")
    note: Mapped[str] = mapped_column(String(512))
