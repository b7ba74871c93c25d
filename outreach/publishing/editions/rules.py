"""The edition's state machine, what becomes of its articles with it, and when a lost push may be repeated. No
session, no clock, no network."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from outreach.foundation.problems import NotPossible
from outreach.publishing.editions.model import EditionState
from outreach.publishing.model import PostState
from outreach.publishing.rules import PostAction

ARTICLES_MAX: Final = 8
"""Articles of one push (三方平台 figures; the sheet of the draft box names no number)."""
PREVIEWS_PER_DAY: Final = 100
"""Calls of message/mass/preview for each account and day."""


class EditionAction(StrEnum):
    """What can happen to an edition."""

    PLAN = "plan"
    RECOMPOSE = "recompose"
    CANCEL = "cancel"
    CLAIM = "claim"
    ACCEPT = "accept"
    LOSE_ANSWER = "lose_answer"
    TRY_LATER = "try_later"
    FAIL = "fail"
    PUBLISH = "publish"
    STAY_SILENT = "stay_silent"
    FIND_UNDER_WAY = "find_under_way"
    FIND_PUBLISHED = "find_published"
    GIVE_UP_LOOKING = "give_up_looking"
    RESOLVE_PUBLISHED = "resolve_published"
    RESOLVE_NOT_PUBLISHED = "resolve_not_published"
    REMOVED = "removed"


TRANSITIONS: Final[Mapping[tuple[EditionState, EditionAction], EditionState]] = {
    (EditionState.COMPOSING, EditionAction.PLAN): EditionState.PLANNED,
    (EditionState.COMPOSING, EditionAction.CANCEL): EditionState.CANCELLED,
    (EditionState.PLANNED, EditionAction.CLAIM): EditionState.SENDING,
    (EditionState.PLANNED, EditionAction.RECOMPOSE): EditionState.COMPOSING,
    (EditionState.PLANNED, EditionAction.CANCEL): EditionState.CANCELLED,
    (EditionState.SENDING, EditionAction.ACCEPT): EditionState.ACCEPTED,
    (EditionState.SENDING, EditionAction.LOSE_ANSWER): EditionState.UNCERTAIN,
    (EditionState.SENDING, EditionAction.TRY_LATER): EditionState.PLANNED,
    (EditionState.SENDING, EditionAction.FAIL): EditionState.FAILED,
    (EditionState.ACCEPTED, EditionAction.PUBLISH): EditionState.PUBLISHED,
    (EditionState.ACCEPTED, EditionAction.FAIL): EditionState.FAILED,
    (EditionState.ACCEPTED, EditionAction.STAY_SILENT): EditionState.UNCERTAIN,
    (EditionState.UNCERTAIN, EditionAction.FIND_UNDER_WAY): EditionState.ACCEPTED,
    (EditionState.UNCERTAIN, EditionAction.FIND_PUBLISHED): EditionState.PUBLISHED,
    (EditionState.UNCERTAIN, EditionAction.GIVE_UP_LOOKING): EditionState.NEEDS_PERSON,
    (EditionState.NEEDS_PERSON, EditionAction.RESOLVE_PUBLISHED): EditionState.PUBLISHED,
    (EditionState.NEEDS_PERSON, EditionAction.RESOLVE_NOT_PUBLISHED): EditionState.COMPOSING,
    (EditionState.FAILED, EditionAction.RECOMPOSE): EditionState.COMPOSING,
    (EditionState.FAILED, EditionAction.CANCEL): EditionState.CANCELLED,
    (EditionState.PUBLISHED, EditionAction.REMOVED): EditionState.WITHDRAWN,
}

POST_STATES: Final[Mapping[EditionState, PostState]] = {
    state: PostState.PLANNED if state is EditionState.COMPOSING else PostState(state.value)
    for state in EditionState
}
"""In which state the articles of an edition are, save those whose own fate the platform named."""

POST_ACTIONS: Final[Mapping[EditionAction, PostAction]] = {
    EditionAction.CANCEL: PostAction.CANCEL,
    EditionAction.CLAIM: PostAction.CLAIM,
    EditionAction.ACCEPT: PostAction.ACCEPT,
    EditionAction.LOSE_ANSWER: PostAction.LOSE_ANSWER,
    EditionAction.TRY_LATER: PostAction.TRY_LATER,
    EditionAction.FAIL: PostAction.FAIL,
    EditionAction.PUBLISH: PostAction.PUBLISH,
    EditionAction.STAY_SILENT: PostAction.STAY_SILENT,
    EditionAction.FIND_UNDER_WAY: PostAction.FIND_UNDER_WAY,
    EditionAction.FIND_PUBLISHED: PostAction.FIND_PUBLISHED,
    EditionAction.GIVE_UP_LOOKING: PostAction.GIVE_UP_LOOKING,
    EditionAction.RESOLVE_PUBLISHED: PostAction.RESOLVE_PUBLISHED,
    EditionAction.RESOLVE_NOT_PUBLISHED: PostAction.RESOLVE_NOT_PUBLISHED,
    EditionAction.RECOMPOSE: PostAction.RETRY,
    EditionAction.REMOVED: PostAction.REMOVED,
}
"""What happens to the articles when that happens to their edition and their state changes with it."""

OUTSTANDING: Final = frozenset({EditionState.SENDING, EditionState.UNCERTAIN})
"""An account has at most one edition in these: an event that names no known job can only be about that one."""
UNDER_WAY: Final = frozenset(
    {EditionState.PLANNED, EditionState.SENDING, EditionState.ACCEPTED, EditionState.UNCERTAIN}
)
SPENDS_QUOTA: Final = UNDER_WAY | {
    EditionState.PUBLISHED,
    EditionState.NEEDS_PERSON,
    EditionState.WITHDRAWN,
}
"""What counts against the account's pushes: what will be, may have been or was pushed."""
NEEDS_ATTENTION: Final = frozenset({EditionState.FAILED, EditionState.NEEDS_PERSON, EditionState.UNCERTAIN})
OPEN: Final = UNDER_WAY | NEEDS_ATTENTION | {EditionState.COMPOSING}

STATE_LABELS: Final[Mapping[EditionState, str]] = {
    EditionState.COMPOSING: "编排中",
    EditionState.PLANNED: "待群发",
    EditionState.SENDING: "提交中",
    EditionState.ACCEPTED: "平台群发中",
    EditionState.PUBLISHED: "已群发",
    EditionState.UNCERTAIN: "结果待核实",
    EditionState.NEEDS_PERSON: "待人工处理",
    EditionState.FAILED: "群发失败",
    EditionState.CANCELLED: "已作废",
    EditionState.WITHDRAWN: "已撤下",
}
_ACTION_LABELS: Final[Mapping[EditionAction, str]] = {
    EditionAction.PLAN: "安排群发",
    EditionAction.RECOMPOSE: "退回编排",
    EditionAction.CANCEL: "作废",
    EditionAction.RESOLVE_PUBLISHED: "确认已群发",
    EditionAction.RESOLVE_NOT_PUBLISHED: "确认未群发",
}

SAME_ID: Final = timedelta(hours=24)
"""How long WeChat knows a clientmsgid (api_sendall)."""
EVENT_PATIENCE: Final = timedelta(minutes=45)
"""How long the event of a push whose job is not known is waited for: an administrator has 30 minutes to confirm
(群发保护), and its three tries come within minutes after the job's end."""
SILENT_TOO_LONG: Final = timedelta(hours=2)
"""How long a job may be SENDING: at the lowest speed (100,000 a minute) it has reached 12 million followers."""
FIRST_LOOK: Final = timedelta(minutes=1)
_LONGEST_LOOK: Final = timedelta(minutes=10)
LONGEST_POSTPONEMENT: Final = timedelta(minutes=15)
"""A push goes out at its time or shortly after; what has to wait longer is planned anew by a person."""
MISSED_AFTER: Final = timedelta(hours=2)
"""How late a push may begin: what was held up for longer (a pause, an outage) would reach followers at a time that
nobody chose."""
_SAFETY: Final = timedelta(minutes=10)
AWAITING_ADMINISTRATOR: Final = frozenset({"89504", "89505"})

_OPENID: Final = re.compile(r"o[0-9A-Za-z_-]{27}")
_WECHAT_NAME: Final = re.compile(r"[A-Za-z][0-9A-Za-z_-]{5,19}")


def next_state(state: EditionState, action: EditionAction) -> EditionState:
    """The state after `action`. Raises NotPossible naming both, in the user's words."""
    following = TRANSITIONS.get((state, action))
    if following is None:
        told = _ACTION_LABELS.get(action, action.value)
        raise NotPossible(f"推送当前为“{STATE_LABELS[state]}”，不能{told}。")
    return following


def can(state: EditionState, action: EditionAction) -> bool:
    """Whether `action` is possible in `state`."""
    return (state, action) in TRANSITIONS


def may_repeat(now: datetime, *, began_at: datetime, repeated_at: datetime | None, code: str | None) -> bool:
    """Whether a push whose answer was lost may be sent again under its clientmsgid: once, while WeChat still
    knows the id with certainty, and not where an administrator is asked to confirm it."""
    known = now < began_at + SAME_ID - _SAFETY
    return repeated_at is None and known and code not in AWAITING_ADMINISTRATOR


def is_missed(now: datetime, planned_for: datetime) -> bool:
    """Whether a push is too late to be begun."""
    return now > planned_for + MISSED_AFTER


def wait_before_look(silent_for: timedelta) -> timedelta:
    """How long to wait before WeChat is asked again for a job that has been under way for `silent_for`. Its
    event usually comes first."""
    return min(max(silent_for / 2, FIRST_LOOK), _LONGEST_LOOK)


def fingerprint(renditions: Sequence[Mapping[str, Any]]) -> str:
    """What tells one composition from another: the articles as they are sent, in their order."""
    told = json.dumps(list(renditions), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def is_openid(recipient: str) -> bool:
    """Whether it is an openid: 28 signs, the first an `o`."""
    return bool(_OPENID.fullmatch(recipient))


def is_wechat_name(recipient: str) -> bool:
    """Whether it can be a WeChat name (微信号): 6 to 20 letters, digits, `_` or `-`, the first a letter."""
    return bool(_WECHAT_NAME.fullmatch(recipient))
