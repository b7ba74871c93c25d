"""What calls answer of items: the documents of `office.item_documents`, described."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from outreach.items.model import ItemState, Kind, Origin, Stage
from outreach.review.model import DecisionKind, Outcome, SectionReview
from outreach.screening.model import Judgement
from outreach.screening.rules import Severity
from outreach.web.api.post_shapes import ItemPostShape, Moment


class AttachmentShape(BaseModel):
    """A file of an item; a missing one was named and not uploaded yet."""

    id: str
    name: str
    size: int
    sha256: str | None
    missing: bool


class FindingShape(BaseModel):
    """What the screening found: code points into `field`, the end exclusive. In a file, `attachment` is its name,
    `place` where in it, and `shown` a form of the text that gives nothing away; offsets are then of what was read."""

    id: str
    field: str
    start: int
    end: int
    label: str
    severity: Severity
    advice: str
    decision: Judgement | None
    reason: str | None
    attachment: str | None
    place: str | None
    shown: str | None


class ReviewShape(BaseModel):
    """A decision; `instead_of` names whom a deputy stood in for, `afterwards` where it is the section's on an
    emergency."""

    revision: int
    stage: Stage
    decision: DecisionKind
    outcome: Outcome | None
    opinion: str
    basis: str | None
    by: str
    instead_of: str | None
    at: Moment
    afterwards: bool


class EmergencyShape(BaseModel):
    """A revision that went past the section as an emergency; `section_review` is where the section's own decision
    stands, which is due at `section_due_at`."""

    revision: int
    reason: str
    authority_document: str
    by: str
    at: Moment
    section_due_at: Moment
    section_review: SectionReview


class ItemShape(BaseModel):
    """An item with everything that hangs on its present revision."""

    id: str
    source_id: str | None
    kind: Kind
    title: str
    short_title: str | None
    section: str
    origin: Origin
    repost_source: str | None
    repost_url: str | None
    corrects: str | None
    formed_on: date
    body: str
    fields: dict[str, Any]
    attachments: list[AttachmentShape]
    state: ItemState
    stage: Stage | None
    revision: int
    version: int
    deadline: date
    deadline_is_estimate: bool
    not_before: Moment | None
    public_url: str | None
    withdraw_on: date | None
    withdrawal_reason: str | None
    findings: list[FindingShape]
    reviews: list[ReviewShape]
    emergencies: list[EmergencyShape]
    posts: list[ItemPostShape]
    created_at: Moment
    updated_at: Moment


class ItemPage(BaseModel):
    """A page of items."""

    items: list[ItemShape]
    next_cursor: str | None
