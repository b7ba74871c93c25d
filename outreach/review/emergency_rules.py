"""An emergency (应急发布) goes past the section, whose own decision is owed afterwards: the states of that decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from outreach.foundation.problems import NotPossible
from outreach.items.model import ItemState
from outreach.review.model import SectionReview

SECTION_TERM: Final = timedelta(hours=24)
"""How long after an emergency was submitted the section has for its own decision: the bureau's rule."""

AFTERWARDS: Final = "事后补审"
"""What the section's decision on an emergency is called where it stands beside others."""

MAX_DOCUMENT: Final = 200


class SectionAction(StrEnum):
    """What can happen to the decision that the section owes."""

    AGREE = "agree"
    OBJECT_IN_TIME = "object_in_time"
    OBJECT = "object"
    KEEP = "keep"


SECTION_TRANSITIONS: Final[Mapping[tuple[SectionReview, SectionAction], SectionReview]] = {
    (SectionReview.OWED, SectionAction.AGREE): SectionReview.AGREED,
    (SectionReview.OWED, SectionAction.OBJECT_IN_TIME): SectionReview.STOPPED,
    (SectionReview.OWED, SectionAction.OBJECT): SectionReview.WITHDRAWAL_PROPOSED,
    (SectionReview.WITHDRAWAL_PROPOSED, SectionAction.KEEP): SectionReview.KEPT,
}

SECTION_LABELS: Final[Mapping[SectionReview, str]] = {
    SectionReview.OWED: "待补审",
    SectionReview.AGREED: "补审同意",
    SectionReview.STOPPED: "补审退回",
    SectionReview.WITHDRAWAL_PROPOSED: "补审退回，建议撤回",
    SectionReview.KEPT: "补审退回，签发人决定维持公开",
}

STILL_OWES: Final = (ItemState.IN_REVIEW, ItemState.APPROVED, ItemState.PUBLISHED, ItemState.WITHDRAWN)
"""States of an emergency's item in which the section owes its decision: it is on its way out, or was out. What went
back to its writer comes again and is decided on then."""

_ACTION_LABELS: Final[Mapping[SectionAction, str]] = {
    SectionAction.AGREE: "补审同意",
    SectionAction.OBJECT_IN_TIME: "补审退回",
    SectionAction.OBJECT: "补审退回",
    SectionAction.KEEP: "维持公开",
}


def next_section_review(state: SectionReview, action: SectionAction) -> SectionReview:
    """The state after `action`. Raises NotPossible naming both, in the user's words."""
    try:
        return SECTION_TRANSITIONS[state, action]
    except KeyError:
        raise NotPossible(
            f"科室补审当前为“{SECTION_LABELS[state]}”，不能{_ACTION_LABELS[action]}。"
        ) from None
