"""What reviews leave: decisions, referrals to another department, and one record for each revision."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outreach.foundation.database import ID, Base, UtcDateTime, stored_enum
from outreach.foundation.ids import new_id
from outreach.items.model import Kind, Stage
from outreach.people.rules import signature


class DecisionKind(StrEnum):
    """同意, 退回 or 不予公开."""

    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"


class Outcome(StrEnum):
    """What becomes of the information (处理): 公开, 删减后公开 or 不予公开. The fourth of the statutory form, 报请确定,
    is a `Referral`: it decides nothing yet."""

    DISCLOSE = "disclose"
    AFTER_REMOVAL = "after_removal"
    WITHHOLD = "withhold"


class Standing(StrEnum):
    """Where a record stands: under review, one of the outcomes, referred and not answered, sent back to be mended,
    or ended without any of these (the item was edited or taken back)."""

    OPEN = "open"
    DISCLOSE = "disclose"
    AFTER_REMOVAL = "after_removal"
    WITHHOLD = "withhold"
    REFER = "refer"
    RETURNED = "returned"
    ENDED = "ended"


class Decision(Base):
    """What one person decided at one stage of one revision; pinned to that revision's hash.

    `form` holds what was filled in of the statutory form (the shape of `review.form.ReviewForm`). `afterwards`: the
    section decided on an emergency that had gone on without it (事后补审). `absent_id` and `absent_name` say in whose
    stead it was decided, None: in nobody's.
    """

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("item_id", "revision", "stage"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    revision: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    stage: Mapped[Stage] = mapped_column(stored_enum(Stage))
    kind: Mapped[DecisionKind] = mapped_column(stored_enum(DecisionKind))
    outcome: Mapped[Outcome | None] = mapped_column(stored_enum(Outcome))
    opinion: Mapped[str] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(Text)
    form: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(64))
    absent_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    absent_name: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    afterwards: Mapped[bool] = mapped_column(default=False)

    @property
    def signed_by(self) -> str:
        """Who decided, and in whose stead: 王五（代张三）."""
        return signature(self.by_name, self.absent_name)


class Referral(Base):
    """报请确定: the question that the confidentiality stage put to a department, and its answer once it is there.
    One at a time on a revision."""

    __tablename__ = "referral"
    __table_args__ = (
        Index(
            "uq_referral_unanswered",
            "item_id",
            "revision",
            unique=True,
            sqlite_where=text("noted_at IS NULL"),
            postgresql_where=text("noted_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    revision: Mapped[int]
    referred_to: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    article: Mapped[int | None]
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    absent_name: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answered_by: Mapped[str | None] = mapped_column(String(128))
    answered_on: Mapped[date | None]
    answer_number: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(Text)
    noted_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    noted_by_name: Mapped[str | None] = mapped_column(String(64))
    noted_absent_name: Mapped[str | None] = mapped_column(String(64))
    noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def signed_by(self) -> str:
        """Who referred it, and in whose stead."""
        return signature(self.by_name, self.absent_name)

    @property
    def noted_signed_by(self) -> str | None:
        """Who noted the answer, and in whose stead; None before."""
        return signature(self.noted_by_name, self.noted_absent_name) if self.noted_by_name else None


class ProposalState(StrEnum):
    """What became of a proposal: 待采纳, 已采纳 or 未采纳."""

    OPEN = "open"
    TAKEN = "taken"
    DROPPED = "dropped"


class RedactionProposal(Base):
    """What the confidentiality reviewer proposes to write instead (遮盖建议), stored with the return of a revision.

    It is nobody's revision: whoever takes it over writes the next one. `changes` gives the new text of each field by
    its dotted name (`items.rules.texts_of`); the old text stays in the revision alone. One at a time of an item.
    """

    __tablename__ = "redaction_proposal"
    __table_args__ = (
        Index(
            "uq_redaction_proposal_open",
            "item_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    revision: Mapped[int]
    changes: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[ProposalState] = mapped_column(stored_enum(ProposalState))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    closed_by_name: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Taking(Base):
    """Who works on an item at a stage (办理人): told to the others, and no lock. Of another stage or revision than
    the item's present ones it says nothing any more."""

    __tablename__ = "taking"

    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[Stage] = mapped_column(stored_enum(Stage))
    revision: Mapped[int]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    person_name: Mapped[str] = mapped_column(String(160))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Reminder(Base):
    """催办: somebody asked to hurry with what stands at a stage; once a day (Asia/Shanghai) for an item."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("item_id", "revision", "stage", "day"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    revision: Mapped[int]
    stage: Mapped[Stage] = mapped_column(stored_enum(Stage))
    day: Mapped[date]
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PassageComment(Base):
    """What somebody says of a passage (段落意见): code points `start` to `end` of `field` in that revision.

    Attributes:
        quote_mac: HMAC of the passage, by which it is known whether it still stands there; the passage itself, which
            may have to be removed, is not kept.
    """

    __tablename__ = "passage_comment"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    field: Mapped[str] = mapped_column(String(128))
    start: Mapped[int]
    end: Mapped[int]
    quote_mac: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    resolved_by_name: Mapped[str | None] = mapped_column(String(64))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReviewRecord(Base):
    """The entry of a reviewed revision in the register (台账); it names the 审查表 and when that went to the archive.

    `number` runs from 1 in each `year` (Asia/Shanghai) and is given with the first decision. Title, kind and section
    are the revision's: later edits do not change the register. `basis` and its `article` of the Regulation are those
    of the decision that concluded it, at `concluded_at`. `standing` is never `ended` here: that follows from the
    item (`review.queries`).
    """

    __tablename__ = "review_record"
    __table_args__ = (UniqueConstraint("item_id", "revision"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    revision: Mapped[int]
    title: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Kind] = mapped_column(stored_enum(Kind))
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), index=True)
    standing: Mapped[Standing] = mapped_column(stored_enum(Standing))
    basis: Mapped[str | None] = mapped_column(Text)
    article: Mapped[int | None]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    concluded_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    filed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    filed_by_name: Mapped[str | None] = mapped_column(String(64))


class SectionReview(StrEnum):
    """Where the section's own decision on an emergency stands: owed, agreed, objected to before anything was out,
    objected to afterwards (建议撤回), or objected to and kept public by the signatory (维持公开)."""

    OWED = "owed"
    AGREED = "agreed"
    STOPPED = "stopped"
    WITHDRAWAL_PROPOSED = "withdrawal_proposed"
    KEPT = "kept"


class Emergency(Base):
    """A revision that was submitted as an emergency (应急发布): why, by which document of the authority, and until when
    the section has to decide on it. An objection's reason is the opinion of the section's decision."""

    __tablename__ = "emergency"

    item_id: Mapped[str] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    authority_document: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    section_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    section_review: Mapped[SectionReview] = mapped_column(stored_enum(SectionReview), index=True)
    kept_reason: Mapped[str | None] = mapped_column(Text)
    kept_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    kept_by_name: Mapped[str | None] = mapped_column(String(64))
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordCount(Base):
    """How many numbers of a year were given to records."""

    __tablename__ = "record_count"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    given: Mapped[int]
