"""Tables of the official holidays that the office has entered."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import Base, UtcDateTime


class HolidayNotice(Base):
    """The notice of the State Council's office on the holidays of a year, as somebody entered it. It stands above what
    the program brings along for that year."""

    __tablename__ = "holiday_notice"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpecialDay(Base):
    """A day that a notice names: off (放假), or worked in lieu (`works`, 调休上班). The notice of a year may name days
    of the December before."""

    __tablename__ = "special_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("holiday_notice.year", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    works: Mapped[bool]
