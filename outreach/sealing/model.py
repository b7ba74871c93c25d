"""Tables of sealed items' cases, and of what people wrote down at the steps of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id


class Step(StrEnum):
    """The steps of a case, in their order."""

    STOP = "stop"
    REPORT = "report"
    WITHDRAW = "withdraw"
    ASSESS = "assess"
    JUDGE = "judge"
    PURGE = "purge"
    COPIES = "copies"
    CLOSE = "close"


class Verdict(StrEnum):
    """What a confidentiality reviewer found of a case: 确属涉密 or 误报."""

    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"


class SealCase(Base):
    """One sealing of an item and what became of it. It holds no word of the item.

    Attributes:
        revision, content_hash: the item's, when it was sealed; no hash where it had never been submitted.
        rules: the names of the rules that found a mark, parted by blanks; none where a person sealed the item.
        reason: why, in the words of the person who sealed it.
        verdict: the present one; a verdict of confirmed may be taken back until the purge begins.
        files: SHA-256 of the files that the purge has still to look at, or that it left since others have them too.
        left: what the last run of the purge could not remove: `{"what": code, "detail": …, "again": whether another
            run may remove it}` each.
    """

    __tablename__ = "seal_case"
    __table_args__ = (
        Index(
            "uq_seal_case_open",
            "item_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_seal_case_item_id", "item_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    revision: Mapped[int]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    rules: Mapped[str] = mapped_column(String(256))
    reason: Mapped[str | None] = mapped_column(String(512))
    sealed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    sealed_by_name: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[Verdict | None] = mapped_column(stored_enum(Verdict))
    verdict_reason: Mapped[str | None] = mapped_column(String(512))
    judged_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    judged_by_name: Mapped[str | None] = mapped_column(String(64))
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    files: Mapped[list[str]] = mapped_column(JSON, default=list)
    left: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    purge_began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    purged_by_name: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    closed_by_name: Mapped[str | None] = mapped_column(String(64))


class SealEntry(Base):
    """处理记录: what somebody did at a step. Entries are added and never changed."""

    __tablename__ = "seal_entry"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("seal_case.id"), index=True)
    step: Mapped[Step] = mapped_column(stored_enum(Step))
    note: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
