"""What the screening found in a revision, what the reviewer said of it, and what the office tells the screening."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.screening.severity import Severity


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


class WordListEdition(Base):
    """A list of words as the office saved it once. What is in force is the newest edition of each list that is
    not retired and whose time it is; older ones stay, since reports name them.

    Attributes:
        list_id: the same for all editions of a list.
        words, exceptions: one a line.
        valid_from, valid_until: days in Shanghai, both included.
        content_hash: SHA-256 over all that the engine uses of it.
    """

    __tablename__ = "word_list_edition"
    __table_args__ = (
        UniqueConstraint("list_id", "number"),
        Index("ix_word_list_edition_newest", "is_newest"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    list_id: Mapped[str] = mapped_column(ID)
    number: Mapped[int]
    is_newest: Mapped[bool]
    is_retired: Mapped[bool]
    name: Mapped[str] = mapped_column(String(50))
    severity: Mapped[Severity] = mapped_column(stored_enum(Severity))
    words: Mapped[str] = mapped_column(Text)
    exceptions: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(500))
    basis: Mapped[str] = mapped_column(String(500))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    content_hash: Mapped[str] = mapped_column(String(64))
    saved_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScreeningReport(Base):
    """By what a revision was screened: the same once more finds the same."""

    __tablename__ = "screening_report"

    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[str] = mapped_column(String(16))
    word_lists: Mapped[str] = mapped_column(String(16))
    party_names: Mapped[str] = mapped_column(String(16))
    screened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AcceptedWording(Base):
    """A wording that a reviewer called a false alarm once for all items of that kind and section.

    Attributes:
        mac: HMAC of the label and the wording as the engine reads it; the wording itself is not kept.
        revoked_at: since when it is looked at again.
    """

    __tablename__ = "accepted_wording"
    __table_args__ = (Index("ix_accepted_wording_matter", "kind", "section_id", "mac"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(32))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"))
    label: Mapped[str] = mapped_column(String(32))
    mac: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(512))
    accepted_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MarkIncident(Base):
    """A text with a classification mark was brought to a door and refused. The text itself is nowhere.

    Attributes:
        text_hash: HMAC of the text of the field, so that the same text is one incident a person.
        rules: the names of the rules that found a mark, parted by blanks.
        field: which field it was.
        person_id: who brought it; None where the command line did, in nobody's name.
    """

    __tablename__ = "mark_incident"
    __table_args__ = (UniqueConstraint("text_hash", "person_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    field: Mapped[str] = mapped_column(String(128))
    rules: Mapped[str] = mapped_column(String(256))
    text_hash: Mapped[str] = mapped_column(String(64))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(512))


class ReleasedLine(Base):
    """A line that looks like a mark and is none, typed in by the confidentiality reviewer who was shown it.

    Attributes:
        mac: HMAC of the line as the engine reads it; the line itself is not kept.
    """

    __tablename__ = "released_line"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    mac: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[str] = mapped_column(String(512))
    released_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
