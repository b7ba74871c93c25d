"""The use cases of publishing: posts and their states (`posts`), who works at them (`claims`), and how far a
delivery has come (`steps`)."""

from outreach.publishing.service.claims import claim_due, claim_expired, claim_looks
from outreach.publishing.service.posts import (
    Confirmation,
    Confirmed,
    cancel_post,
    confirm,
    confirm_held,
    hold_waiting,
    live_posts,
    move,
    note_attempt,
    plan_one,
    plan_posts,
    problem_of,
    resolve_as_not_published,
    retry_post,
)
from outreach.publishing.service.steps import (
    Hold,
    LeaseLost,
    accept,
    log_attempt,
    note_attempts,
    remember_releases,
    renew_leases,
    still_held,
)

__all__ = [
    "Confirmation",
    "Confirmed",
    "Hold",
    "LeaseLost",
    "accept",
    "cancel_post",
    "claim_due",
    "claim_expired",
    "claim_looks",
    "confirm",
    "confirm_held",
    "hold_waiting",
    "live_posts",
    "log_attempt",
    "move",
    "note_attempt",
    "note_attempts",
    "plan_one",
    "plan_posts",
    "problem_of",
    "remember_releases",
    "renew_leases",
    "resolve_as_not_published",
    "retry_post",
    "still_held",
]
