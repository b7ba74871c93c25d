"""What the report rests on: yearly figures that were typed or imported, the bureau's paragraphs, and the versions of
a report with the decisions on them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.items.model import Stage
from outreach.people.rules import signature


class Layer(StrEnum):
    """Where a stored figure comes from: 手工填写 or 导入."""

    TYPED = "typed"
    IMPORTED = "imported"


class YearlyFigure(Base):
    """A figure of a year as it was typed or imported. A figure that has no row is blank; 0 is a figure.

    Attributes:
        key: its name (`catalogue`), or `words.NAME` where `value` is a list of words, one a line.
        value: the number exactly as it was given, in decimal digits.
        is_lower_bound: the office wrote 余 behind it.
        source: of an imported one, the file and the bureau that it speaks of.
        note: what the source says about it besides.
    """

    __tablename__ = "yearly_figure"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    layer: Mapped[Layer] = mapped_column(stored_enum(Layer), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    is_lower_bound: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportType(StrEnum):
    """年度报告 of a year (`period` is `2020`), or 月报 of a month (`2026-10`)."""

    ANNUAL = "annual"
    MONTHLY = "monthly"


class ReportParagraph(Base):
    """The bureau's own text for a part of a report, with placeholders for figures; without a row what ships stands."""

    __tablename__ = "report_paragraph"

    type: Mapped[ReportType] = mapped_column(stored_enum(ReportType), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    part: Mapped[str] = mapped_column(String(32), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class VersionState(StrEnum):
    """Where a version is: at one of its two stages, sent back, taken back by who submitted it, or final (定稿)."""

    CONFIDENTIALITY = "confidentiality"
    SIGN_OFF = "sign_off"
    RETURNED = "returned"
    RECALLED = "recalled"
    FINAL = "final"


class ReportVersion(Base):
    """A version of a report: everything that stands in it, frozen when it was submitted.

    Attributes:
        content: the whole report, figures with their sources and checks; of its type's own shape.
        content_hash: SHA-256 of `content` in canonical JSON; decisions are on this.
        findings: what the screening found in its text: label, severity, passage, advice.
        author_ids: who submitted it, typed its figures or wrote its paragraphs: none of them decides on it.
        final_on: the day (Asia/Shanghai) on which it was signed off.
    """

    __tablename__ = "report_version"
    __table_args__ = (
        UniqueConstraint("type", "period", "number"),
        Index(
            "uq_report_version_open",
            "type",
            "period",
            unique=True,
            sqlite_where=text("state IN ('confidentiality', 'sign_off')"),
            postgresql_where=text("state IN ('confidentiality', 'sign_off')"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    type: Mapped[ReportType] = mapped_column(stored_enum(ReportType))
    period: Mapped[str] = mapped_column(String(7))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(128))
    state: Mapped[VersionState] = mapped_column(stored_enum(VersionState))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    author_ids: Mapped[list[str]] = mapped_column(JSON)
    submitted_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    submitted_by_name: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    final_on: Mapped[date | None]


class ReportMail(Base):
    """That a version was written to an address: nobody gets a version twice."""

    __tablename__ = "report_mail"

    version_id: Mapped[str] = mapped_column(ForeignKey("report_version.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    mail_id: Mapped[str] = mapped_column(ForeignKey("mail.id"))


class ReportDecisionKind(StrEnum):
    """同意 or 退回."""

    APPROVE = "approve"
    RETURN = "return"


class ReportDecision(Base):
    """What one person decided at one stage of one version, in whose stead where in somebody's."""

    __tablename__ = "report_decision"
    __table_args__ = (UniqueConstraint("version_id", "stage"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    version_id: Mapped[str] = mapped_column(ForeignKey("report_version.id"))
    revision: Mapped[int]
    stage: Mapped[Stage] = mapped_column(stored_enum(Stage))
    kind: Mapped[ReportDecisionKind] = mapped_column(stored_enum(ReportDecisionKind))
    opinion: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    absent_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    absent_name: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def signed_by(self) -> str:
        """Who decided, and in whose stead: 王五（代张三）."""
        return signature(self.by_name, self.absent_name)
