"""The table of warnings."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import Base, UtcDateTime, stored_enum
from outreach.statistics.indicators.rules import Level


class IndicatorWarning(Base):
    """That somebody was told of an account: once of each level, for as long as nothing new is out since the day
    `since`. `mails` is how many were written with it."""

    __tablename__ = "indicator_warning"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    level: Mapped[Level] = mapped_column(stored_enum(Level), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mails: Mapped[int]
