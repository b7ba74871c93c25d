"""The post's state machine, and when to try again. No session, no clock, no network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from outreach.channels.model import ChannelName
from outreach.foundation.problems import NotPossible
from outreach.publishing.model import PostState


class PostAction(StrEnum):
    """What can happen to a post."""

    CLAIM = "claim"
    CANCEL = "cancel"
    ACCEPT = "accept"
    PUBLISH = "publish"
    LOSE_ANSWER = "lose_answer"
    TRY_LATER = "try_later"
    FAIL = "fail"
    SAVE_DRAFT_ONLY = "save_draft_only"
    STAY_SILENT = "stay_silent"
    FIND_PUBLISHED = "find_published"
    FIND_UNDER_WAY = "find_under_way"
    FIND_NOTHING = "find_nothing"
    GIVE_UP_LOOKING = "give_up_looking"
    RESOLVE_PUBLISHED = "resolve_published"
    RESOLVE_NOT_PUBLISHED = "resolve_not_published"
    RESOLVE_WITHDRAWN = "resolve_withdrawn"
    RETRY = "retry"
    WITHDRAW = "withdraw"
    GONE = "gone"
    LEAVE_WITHDRAWING_TO_PERSON = "leave_withdrawing_to_person"
    REMOVED = "removed"


TRANSITIONS: Final[Mapping[tuple[PostState, PostAction], PostState]] = {
    (PostState.PLANNED, PostAction.CLAIM): PostState.SENDING,
    (PostState.PLANNED, PostAction.CANCEL): PostState.CANCELLED,
    (PostState.FAILED, PostAction.CANCEL): PostState.CANCELLED,
    (PostState.NEEDS_PERSON, PostAction.CANCEL): PostState.CANCELLED,
    (PostState.SENDING, PostAction.ACCEPT): PostState.ACCEPTED,
    (PostState.SENDING, PostAction.PUBLISH): PostState.PUBLISHED,
    (PostState.SENDING, PostAction.LOSE_ANSWER): PostState.UNCERTAIN,
    (PostState.SENDING, PostAction.TRY_LATER): PostState.PLANNED,
    (PostState.SENDING, PostAction.FAIL): PostState.FAILED,
    (PostState.SENDING, PostAction.SAVE_DRAFT_ONLY): PostState.NEEDS_PERSON,
    (PostState.ACCEPTED, PostAction.PUBLISH): PostState.PUBLISHED,
    (PostState.ACCEPTED, PostAction.FAIL): PostState.FAILED,
    (PostState.ACCEPTED, PostAction.STAY_SILENT): PostState.UNCERTAIN,
    (PostState.UNCERTAIN, PostAction.FIND_PUBLISHED): PostState.PUBLISHED,
    (PostState.UNCERTAIN, PostAction.FIND_UNDER_WAY): PostState.ACCEPTED,
    (PostState.UNCERTAIN, PostAction.FIND_NOTHING): PostState.PLANNED,
    (PostState.UNCERTAIN, PostAction.GIVE_UP_LOOKING): PostState.NEEDS_PERSON,
    (PostState.NEEDS_PERSON, PostAction.RESOLVE_PUBLISHED): PostState.PUBLISHED,
    (PostState.NEEDS_PERSON, PostAction.RESOLVE_NOT_PUBLISHED): PostState.PLANNED,
    (PostState.NEEDS_PERSON, PostAction.RESOLVE_WITHDRAWN): PostState.WITHDRAWN,
    (PostState.FAILED, PostAction.RETRY): PostState.PLANNED,
    (PostState.PUBLISHED, PostAction.WITHDRAW): PostState.WITHDRAWING,
    (PostState.WITHDRAWING, PostAction.GONE): PostState.WITHDRAWN,
    (PostState.WITHDRAWING, PostAction.LEAVE_WITHDRAWING_TO_PERSON): PostState.NEEDS_PERSON,
    (PostState.PUBLISHED, PostAction.REMOVED): PostState.WITHDRAWN,
}

NOT_AFTER_WITHDRAWING: Final = {PostAction.CANCEL, PostAction.RESOLVE_NOT_PUBLISHED}
ONLY_AFTER_WITHDRAWING: Final = {PostAction.RESOLVE_WITHDRAWN}

LIVE_STATES: Final = frozenset(PostState) - {PostState.CANCELLED, PostState.WITHDRAWN}
COUNTED_STATES: Final = frozenset(
    {PostState.PUBLISHED, PostState.WITHDRAWING, PostState.WITHDRAWN, PostState.NEEDS_PERSON}
)
LEASED_STATES: Final = frozenset({PostState.SENDING, PostState.WITHDRAWING})
"""States in which a worker holds a post while it works at it."""
STARTS_AGAIN: Final = frozenset({PostState.PLANNED, PostState.FAILED})
"""States out of which a post is sent, by itself or by a press of a button."""
UNDER_WAY: Final = frozenset({PostState.PLANNED, PostState.SENDING, PostState.ACCEPTED, PostState.UNCERTAIN})
NEEDS_ATTENTION: Final = frozenset({PostState.FAILED, PostState.NEEDS_PERSON, PostState.UNCERTAIN})
OPEN_STATES: Final = UNDER_WAY | NEEDS_ATTENTION | {PostState.WITHDRAWING}

STATE_LABELS: Final[Mapping[PostState, str]] = {
    PostState.PLANNED: "待发送",
    PostState.SENDING: "发送中",
    PostState.ACCEPTED: "平台处理中",
    PostState.PUBLISHED: "已发布",
    PostState.UNCERTAIN: "结果待核实",
    PostState.NEEDS_PERSON: "待人工处理",
    PostState.FAILED: "发布失败",
    PostState.CANCELLED: "已取消",
    PostState.WITHDRAWING: "撤回中",
    PostState.WITHDRAWN: "已撤回",
}

_ACTION_LABELS: Final[Mapping[PostAction, str]] = {
    PostAction.CANCEL: "取消发布",
    PostAction.RETRY: "重试",
    PostAction.RESOLVE_PUBLISHED: "确认已发布",
    PostAction.RESOLVE_NOT_PUBLISHED: "确认未发布",
    PostAction.RESOLVE_WITHDRAWN: "确认已撤回",
    PostAction.WITHDRAW: "撤回",
}

ONE_AT_A_TIME: Final = frozenset({ChannelName.WEIBO})
"""Platforms on which an account has at most one post whose outcome is open: Weibo's timeline shows the five
latest statuses alone (open.weibo.com/wiki/2/statuses/user_timeline), so that a second one would hide it."""

LEASE: Final = timedelta(seconds=30)
"""How long a worker may be silent before its posts are taken over; while it lives it renews in time."""

SPENT: Final = "budget"
"""The code of the problem of a post that waits for a budget of its account to be renewed."""

SILENT_TOO_LONG: Final = timedelta(minutes=30)
LATE_AFTER: Final = timedelta(minutes=5)
_FIRST_WAIT_S: Final = 2.0
_LONGEST_WAIT_S: Final = 300.0
_SHORTEST_LOOK: Final = timedelta(seconds=3)
_LONGEST_LOOK: Final = timedelta(seconds=120)


def next_state(state: PostState, action: PostAction, *, after_withdrawing: bool = False) -> PostState:
    """The state after `action`. Raises NotPossible naming both, in the user's words."""
    forbidden = NOT_AFTER_WITHDRAWING if after_withdrawing else ONLY_AFTER_WITHDRAWING
    following = TRANSITIONS.get((state, action))
    if following is None or (state is PostState.NEEDS_PERSON and action in forbidden):
        told = _ACTION_LABELS.get(action, action.value)
        raise NotPossible(f"发布件当前为“{STATE_LABELS[state]}”，不能{told}。")
    return following


def can(state: PostState, action: PostAction, *, after_withdrawing: bool = False) -> bool:
    """Whether `action` is possible in `state`."""
    forbidden = NOT_AFTER_WITHDRAWING if after_withdrawing else ONLY_AFTER_WITHDRAWING
    return (state, action) in TRANSITIONS and not (state is PostState.NEEDS_PERSON and action in forbidden)


def wait_before_try(tries: int, jitter: float) -> timedelta:
    """How long to wait before the next try after `tries` of them: doubling from 2 s up to 5 min, spread by
    `jitter` (0 to 1) so that posts that failed together don't come back together."""
    wait = min(_FIRST_WAIT_S * 2 ** max(0, tries - 1), _LONGEST_WAIT_S)
    return timedelta(seconds=wait * (0.75 + 0.5 * jitter))


def wait_before_look(silent_for: timedelta) -> timedelta:
    """How long to wait before the platform is asked again about a post of which it has told nothing for
    `silent_for`: its event usually comes first, and what took long so far may take as long again."""
    return min(max(silent_for / 2, _SHORTEST_LOOK), _LONGEST_LOOK)
