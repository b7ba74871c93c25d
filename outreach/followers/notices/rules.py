"""The state machine of a notice, when it may go out, and by what a follower is told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from outreach.channels.model import Account, AccountType, ChannelName
from outreach.channels.notice_protocol import REPEATABLE, NoticeCall
from outreach.followers.notices.model import NoticeState, Occasion
from outreach.foundation.clock import SHANGHAI
from outreach.foundation.problems import NotPossible
from outreach.publishing.time_rules import QuietHours


class NoticeAction(StrEnum):
    """What happens to a notice."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    FINISH = "finish"


TRANSITIONS: Final[Mapping[tuple[NoticeState, NoticeAction], NoticeState]] = {
    (NoticeState.PLANNED, NoticeAction.START): NoticeState.RUNNING,
    (NoticeState.PLANNED, NoticeAction.CANCEL): NoticeState.CANCELLED,
    (NoticeState.RUNNING, NoticeAction.PAUSE): NoticeState.PAUSED,
    (NoticeState.RUNNING, NoticeAction.CANCEL): NoticeState.CANCELLED,
    (NoticeState.RUNNING, NoticeAction.FINISH): NoticeState.DONE,
    (NoticeState.PAUSED, NoticeAction.RESUME): NoticeState.RUNNING,
    (NoticeState.PAUSED, NoticeAction.CANCEL): NoticeState.CANCELLED,
}

STATE_LABELS: Final[Mapping[NoticeState, str]] = {
    NoticeState.PLANNED: "待发送",
    NoticeState.RUNNING: "发送中",
    NoticeState.PAUSED: "已暂停",
    NoticeState.DONE: "已完成",
    NoticeState.CANCELLED: "已取消",
}
ACTION_LABELS: Final[Mapping[NoticeAction, str]] = {
    NoticeAction.START: "开始",
    NoticeAction.PAUSE: "暂停",
    NoticeAction.RESUME: "继续",
    NoticeAction.CANCEL: "取消",
    NoticeAction.FINISH: "完成",
}
OCCASION_LABELS: Final[Mapping[Occasion, str]] = {
    Occasion.PUBLICATION: "信息发布",
    Occasion.WARNING: "预警",
    Occasion.EVE: "活动前一天",
    Occasion.DIGEST: "定时汇总",
}

CHUNK: Final = 4000
"""Recipients of a chunk: what one worker takes at a time, and what is read and written together."""

UNDER_WAY: Final = 64
"""Calls of one worker at the same time."""

LEASE: Final = timedelta(seconds=30)
"""How long a chunk belongs to a worker that says nothing."""

REPEATED_WITHIN: Final = timedelta(minutes=9)
"""How long after its beginning a call may be made again under the same id: the platform remembers it for ten minutes
(api_sendtemplatemessage), and the last of them is left to what lies between our clock and the call's end."""

ASKED_AGAIN: Final = timedelta(seconds=15)
"""After this the calls of a chunk are made again whose answers were lost."""

SPOKE_WITHIN: Final = timedelta(hours=48)
"""How long after a follower's message a customer-service message may follow (api_sendcustommessage)."""

LONGEST_WAIT: Final = timedelta(minutes=10)
_FIRST_WAIT: Final = timedelta(seconds=5)
_DIGEST: Final = "digest:"
_HOUR: Final = "%Y%m%dT%H"
_BLOCKS: Final[Mapping[NoticeCall, int]] = {NoticeCall.TEMPLATE: 400}


def next_state(state: NoticeState, action: NoticeAction) -> NoticeState:
    """The state after `action`. Raises NotPossible."""
    following = TRANSITIONS.get((state, action))
    if following is None:
        raise NotPossible(f"通知目前是“{STATE_LABELS[state]}”，不能{ACTION_LABELS[action]}。")
    return following


def can(state: NoticeState, action: NoticeAction) -> bool:
    """Whether `action` is possible in `state`."""
    return (state, action) in TRANSITIONS


def block_of(call: NoticeCall) -> int:
    """How many recipients are marked as begun by one commit. Of a call that can't be repeated, as few as are really under
    way: with a killed worker all of them become uncertain."""
    return _BLOCKS.get(call, UNDER_WAY)


def may_repeat(call: NoticeCall, begun_since: datetime | None, now: datetime) -> bool:
    """Whether a call whose answer is not known may be made again."""
    return call in REPEATABLE and begun_since is not None and now < begun_since + REPEATED_WITHIN


def wait_after(tries: int) -> timedelta:
    """How long nothing of a notice is sent after its platform could not be reached for the `tries`th time."""
    doublings: int = 2 ** min(tries, 10)
    return min(_FIRST_WAIT * doublings, LONGEST_WAIT)


def first_moment(at: datetime, quiet: QuietHours | None, occasion: Occasion) -> datetime:
    """When a notice may go out that is due at `at`: a warning at any hour."""
    over = quiet.over_at(at) if quiet and occasion is not Occasion.WARNING else None
    return over or at


def eve_of(starts_at: datetime, hour: int) -> datetime:
    """The day before an event, at that hour (Asia/Shanghai)."""
    day = starts_at.astimezone(SHANGHAI).date() - timedelta(days=1)
    return datetime.combine(day, time(hour), SHANGHAI)


def digest_event(hour: datetime) -> str:
    """What a digest of that hour (aware) is called among the account's events."""
    return f"{_DIGEST}{hour.astimezone(SHANGHAI):{_HOUR}}"


def digest_hour_of(event: str) -> datetime:
    """The hour that such an event names (aware, in Shanghai)."""
    return datetime.strptime(event.removeprefix(_DIGEST), _HOUR).replace(tzinfo=SHANGHAI)


def calls_of(account: Account, configured: Collection[NoticeCall]) -> list[NoticeCall]:
    """By what the followers of `account` may be told, the best first: a template message to all of them (verified
    service accounts), else a subscription notice to who consented, else a customer-service message to who spoke within
    48 hours (verified accounts). `configured` are the calls for which the office chose a template."""
    if account.channel is not ChannelName.WECHAT or not account.verified:
        return []
    if account.type is AccountType.SERVICE and NoticeCall.TEMPLATE in configured:
        return [NoticeCall.TEMPLATE]
    consented = [NoticeCall.SUBSCRIPTION] if NoticeCall.SUBSCRIPTION in configured else []
    return [*consented, NoticeCall.CUSTOMER]
