"""What the screening found in a revision, and what the reviewer said of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.screening.rules import Severity


class Judgement(StrEnum):
    """What a reviewer says of a finding: 属实 or 误报."""

    REAL = "real"
    FALSE_ALARM = "false_alarm"


class Finding(Base):
    """Something in a revision that perhaps must not be disclosed. Offsets are code points into `field`.

    In a file, `attachment` is its name, `place` where it stands there, `shown` a form of it that gives nothing away;
    offsets count from the beginning of all that was read in the file.
    """

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_item_revision", "item_id", "revision"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    revision: Mapped[int]
    field: Mapped[str] = mapped_column(String(128))
    start: Mapped[int]
    end: Mapped[int]
    label: Mapped[str] = mapped_column(String(32))
    severity: Mapped[Severity] = mapped_column(stored_enum(Severity))
    rule: Mapped[str] = mapped_column(String(64))
    advice: Mapped[str] = mapped_column(String(512))
    basis: Mapped[str] = mapped_column(String(512))
    attachment: Mapped[str | None] = mapped_column(String(255))
    place: Mapped[str | None] = mapped_column(String(255))
    shown: Mapped[str | None] = mapped_column(String(255))
    judgement: Mapped[Judgement | None] = mapped_column(stored_enum(Judgement))
    reason: Mapped[str | None] = mapped_column(String(512))
    judged_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
