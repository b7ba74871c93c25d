"""The use cases of reviews: what is decided at a stage (`decisions`), asked of a department (`referrals`), proposed
to be written instead (`proposals`), who works on what (`takings`), said of passages
(`comments`), what went past the section as an emergency (`emergencies`), and what is kept in the register (`records`)."""

from outreach.review.service.comments import (
    Remark,
    comment,
    may_comment,
    may_settle,
    passage_of,
    require_comment,
    require_may_comment,
    settle,
)
from outreach.review.service.decisions import (
    Verdict,
    judge_finding,
    record_decision,
    require_may_decide,
    require_may_judge,
)
from outreach.review.service.emergencies import (
    Grounds,
    decide_afterwards,
    declare,
    keep_public,
    require_grounds,
    require_may_decide_afterwards,
    require_may_keep,
)
from outreach.review.service.proposals import (
    Removal,
    close_proposal,
    patch_of,
    require_proposal,
    return_with_masks,
)
from outreach.review.service.records import remember_filed
from outreach.review.service.referrals import Answer, Question, note_answer, refer, require_may_refer
from outreach.review.service.takings import give_back, hand_on, remind, take

__all__ = [
    "Answer",
    "Grounds",
    "Question",
    "Remark",
    "Removal",
    "Verdict",
    "close_proposal",
    "comment",
    "decide_afterwards",
    "declare",
    "give_back",
    "hand_on",
    "judge_finding",
    "keep_public",
    "may_comment",
    "may_settle",
    "note_answer",
    "passage_of",
    "patch_of",
    "record_decision",
    "refer",
    "remember_filed",
    "remind",
    "require_comment",
    "require_grounds",
    "require_may_comment",
    "require_may_decide",
    "require_may_decide_afterwards",
    "require_may_judge",
    "require_may_keep",
    "require_may_refer",
    "require_proposal",
    "return_with_masks",
    "settle",
    "take",
]
