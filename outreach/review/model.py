"""The record of each decision."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.items.model import Stage


class DecisionKind(StrEnum):
    """同意, 退回 or 不予公开."""

    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"


class Decision(Base):
    """What one person decided at one stage of one revision; pinned to that revision's hash."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("item_id", "revision", "stage"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    revision: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    stage: Mapped[Stage] = mapped_column(stored_enum(Stage))
    kind: Mapped[DecisionKind] = mapped_column(stored_enum(DecisionKind))
    opinion: Mapped[str] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(Text)
    form: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
