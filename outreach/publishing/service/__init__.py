"""The use cases of publishing: posts and their states (`posts`), who works at them (`claims`), how far a
delivery has come (`steps`), and what becomes of the posts of a sealed item (`stops`)."""

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
    plan_posts,
    problem_of,
    resolve_as_not_published,
    retry_post,
)
from outreach.publishing.service.steps import (
    Hold,
    LeaseLost,
    accept,
    bar_releases,
    log_attempt,
    note_attempts,
    remember_releases,
    renew_leases,
    still_held,
)
from outreach.publishing.service.stops import stop_posts

__all__ = [
    "Confirmation",
    "Confirmed",
    "Hold",
    "LeaseLost",
    "accept",
    "bar_releases",
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
    "plan_posts",
    "problem_of",
    "remember_releases",
    "renew_leases",
    "resolve_as_not_published",
    "retry_post",
    "still_held",
    "stop_posts",
]
