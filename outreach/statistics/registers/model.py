"""Tables of the registers: their entries, which years are complete, and what may be chosen in a year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime
from outreach.foundation.ids import new_id


class RegisterEntry(Base):
    """A row of a register. `data` holds the values of its variant's fields as `fields.read_value` keeps them; `day`
    dates it, and `year` is that day's. `source`: the file that it came in, empty where it was typed by hand.
    `version` rises with every change."""

    __tablename__ = "register_entry"
    __table_args__ = (Index("ix_register_entry_register_year", "register", "year", "day", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    register: Mapped[str] = mapped_column(String(32))
    year: Mapped[int]
    day: Mapped[date]
    variant: Mapped[str] = mapped_column(String(16))
    section_id: Mapped[str | None] = mapped_column(ForeignKey("section.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)
    entered_by_name: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_name: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CompleteYear(Base):
    """Somebody has said that a register holds all of a year (登记完整): only then is its count the office's figure,
    and 0 of it a figure at all. The row goes when that is taken back."""

    __tablename__ = "register_complete_year"

    register: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class YearChoices(Base):
    """What may be chosen in a field of a register from that year on, until a later year says otherwise."""

    __tablename__ = "register_choices"

    register: Mapped[str] = mapped_column(String(32), primary_key=True)
    field: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    choices: Mapped[list[str]] = mapped_column(JSON)
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
