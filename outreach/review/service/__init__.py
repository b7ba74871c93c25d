"""The use cases of reviews: what is decided at a stage (`decisions`), asked of a department (`referrals`), and kept in
the register (`records`)."""

from outreach.review.service.decisions import (
    Verdict,
    judge_finding,
    record_decision,
    require_may_decide,
    require_may_judge,
)
from outreach.review.service.records import remember_filed
from outreach.review.service.referrals import Answer, Question, note_answer, refer, require_may_refer

__all__ = [
    "Answer",
    "Question",
    "Verdict",
    "judge_finding",
    "note_answer",
    "record_decision",
    "refer",
    "remember_filed",
    "require_may_decide",
    "require_may_judge",
    "require_may_refer",
]
