"""What calls answer of items: the documents of `office.item_documents`, described."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from outreach.items.model import ItemState, Kind, Origin, Stage
from outreach.review.model import DecisionKind, Outcome
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
    """A decision; `instead_of` names whom a deputy stood in for."""

    revision: int
    stage: Stage
    decision: DecisionKind
    outcome: Outcome | None
    opinion: str
    basis: str | None
    by: str
    instead_of: str | None
    at: Moment


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
    public_url: str | None
    findings: list[FindingShape]
    reviews: list[ReviewShape]
    posts: list[ItemPostShape]
    created_at: Moment
    updated_at: Moment


class ItemPage(BaseModel):
    """A page of items."""

    items: list[ItemShape]
    next_cursor: str | None
