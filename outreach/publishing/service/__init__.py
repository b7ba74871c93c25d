"""The use cases of publishing: posts and their states (`posts`), who works at them (`claims`)."""

from outreach.publishing.service.claims import (
    LeaseLost,
    claim_due,
    claim_expired,
    claim_looks,
    remember_release,
    remember_step,
    renew_leases,
)
from outreach.publishing.service.posts import (
    cancel_post,
    confirm,
    live_posts,
    move,
    note_attempt,
    plan_posts,
    problem_of,
    resolve_as_not_published,
    retry_post,
)

__all__ = [
    "LeaseLost",
    "cancel_post",
    "claim_due",
    "claim_expired",
    "claim_looks",
    "confirm",
    "live_posts",
    "move",
    "note_attempt",
    "plan_posts",
    "problem_of",
    "remember_release",
    "remember_step",
    "renew_leases",
    "resolve_as_not_published",
    "retry_post",
]
