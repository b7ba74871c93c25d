"""The read side of reviews: items for whoever reviews them (`doors`), decisions and what waits for whom (`decisions`,
`waiting`), referrals (`referrals`), proposals for redaction (`proposals`), the register (`register`), who works on what
(`takings`), what is said of passages (`comments`), emergencies (`emergencies`), and what a year came to (`counts`)."""

from outreach.review.queries.comments import comments_of
from outreach.review.queries.counts import OutcomeCounts, YearOfReviews, year_of_reviews
from outreach.review.queries.decisions import (
    DECISIONS,
    Returned,
    decisions_by_item,
    decisions_of,
    earlier_revisions,
    is_reviewed,
    last_returns,
)
from outreach.review.queries.doors import hold_item_to_review, read_item
from outreach.review.queries.emergencies import (
    EMERGENCIES,
    OwedReview,
    ProposedWithdrawal,
    emergencies_by_revision,
    emergency_of,
    overdue,
    owed_by,
    proposed_withdrawals,
)
from outreach.review.queries.proposals import fits, proposals_of
from outreach.review.queries.referrals import open_referral_of, open_referrals, referrals_of
from outreach.review.queries.register import (
    RecordFilter,
    RecordRow,
    count_by_standing,
    get_record,
    list_records,
    recorded_revisions,
    records_in_order,
    reviewers,
)
from outreach.review.queries.takings import AtWork, at_work_on, possible_takers
from outreach.review.queries.waiting import returned_to, waiting_for

__all__ = [
    "DECISIONS",
    "EMERGENCIES",
    "AtWork",
    "OutcomeCounts",
    "OwedReview",
    "ProposedWithdrawal",
    "RecordFilter",
    "RecordRow",
    "Returned",
    "YearOfReviews",
    "at_work_on",
    "comments_of",
    "count_by_standing",
    "decisions_by_item",
    "decisions_of",
    "earlier_revisions",
    "emergencies_by_revision",
    "emergency_of",
    "fits",
    "get_record",
    "hold_item_to_review",
    "is_reviewed",
    "last_returns",
    "list_records",
    "open_referral_of",
    "open_referrals",
    "overdue",
    "owed_by",
    "possible_takers",
    "proposals_of",
    "proposed_withdrawals",
    "read_item",
    "recorded_revisions",
    "records_in_order",
    "referrals_of",
    "returned_to",
    "reviewers",
    "waiting_for",
    "year_of_reviews",
]
