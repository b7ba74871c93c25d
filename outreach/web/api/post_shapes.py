"""What calls answer of posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, PlainSerializer

from outreach.channels.model import ChannelName
from outreach.items.model import ItemState
from outreach.publishing.model import Attempt, Post, PostState


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_in_utc, return_type=str)]


class ProblemShape(BaseModel):
    """What keeps a post, in Chinese; `code` is the platform's."""

    code: str | None
    message: str


class ItemPostShape(BaseModel):
    """A post as its item shows it."""

    id: str
    account: str
    channel: ChannelName
    state: PostState
    at: Moment | None
    url: str | None
    problem: ProblemShape | None


class WithdrawalShape(BaseModel):
    """Why, by whom and when a withdrawal was ordered; `done_at` is when the post was known to be gone."""

    reason: str
    by: str | None
    at: Moment | None
    done_at: Moment | None


class AttemptShape(BaseModel):
    """One step of a delivery as it went."""

    at: Moment
    outcome: str
    code: str | None
    message: str


class PostShape(ItemPostShape):
    """A post by itself."""

    item: str
    title: str
    revision: int
    planned_at: Moment
    due_at: Moment
    published_at: Moment | None
    confirmed_at: Moment | None
    tries: int
    withdrawal: WithdrawalShape | None


class FullPostShape(PostShape):
    """A post by itself with every step of its delivery, the first one first."""

    attempts: list[AttemptShape]


class PostPage(BaseModel):
    """A page of posts."""

    items: list[PostShape]
    next_cursor: str | None


class PlannedPosts(BaseModel):
    """The posts of an item on the accounts that were asked for."""

    items: list[ItemPostShape]


def shape_item_post(post: Post) -> ItemPostShape:
    """A post as its item shows it."""
    return ItemPostShape(**_post_fields(post))


def shape_post(post: Post) -> PostShape:
    """A post by itself."""
    return PostShape(
        **_post_fields(post),
        item=post.item_id,
        title="" if post.item.state is ItemState.SEALED else post.item.title,
        revision=post.revision,
        planned_at=post.planned_at,
        due_at=post.due_at,
        published_at=post.published_at,
        confirmed_at=post.confirmed_at,
        tries=post.tries,
        withdrawal=_withdrawal(post),
    )


def shape_post_in_full(post: Post, attempts: Sequence[Attempt]) -> FullPostShape:
    """A post with how each step of its delivery went."""
    steps = [
        AttemptShape(at=one.at, outcome=one.outcome, code=one.code, message=one.message) for one in attempts
    ]
    return FullPostShape(**dict(shape_post(post)), attempts=steps)


def _withdrawal(post: Post) -> WithdrawalShape | None:
    if post.withdraw_reason is None:
        return None
    return WithdrawalShape(
        reason=post.withdraw_reason, by=post.withdraw_by, at=post.withdraw_at, done_at=post.withdrawn_at
    )


def _post_fields(post: Post) -> dict[str, Any]:
    problem = None
    if post.problem_message:
        problem = ProblemShape(code=post.problem_code, message=post.problem_message)
    return {
        "id": post.id,
        "account": post.account_id,
        "channel": post.account.channel,
        "state": post.state,
        "at": post.at,
        "url": post.url,
        "problem": problem,
    }
