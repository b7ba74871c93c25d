"""What is kept of each recipient: one byte, its mark, in the order of the chunk's recipients. Pure.

A mark says in which state a recipient is and why. `BEGUN` is committed before the call is made: whoever takes over from a
dead worker knows by it whom it may have told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from outreach.channels.notice_protocol import NoticeAnswer, Reaction


class RecipientState(StrEnum):
    """queued → sent → delivered | refused | unreachable; sent -no answer→ uncertain."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNCERTAIN = "uncertain"


RECIPIENT_LABELS: Final[Mapping[RecipientState, str]] = {
    RecipientState.QUEUED: "待发送",
    RecipientState.SENT: "已发送",
    RecipientState.DELIVERED: "已送达",
    RecipientState.REFUSED: "被拒收",
    RecipientState.UNREACHABLE: "无法送达",
    RecipientState.UNCERTAIN: "结果不明",
}


class Mark(IntEnum):
    """The byte. The numbers are stored: none is ever given another meaning."""

    QUEUED = 0
    BEGUN = 1
    SENT = 2
    SENT_BEFORE = 3
    DELIVERED = 4
    NO_ANSWER = 5
    NOT_WANTED = 10
    BLACKLISTED = 11
    WINDOW_CLOSED = 12
    WINDOW_USED_UP = 13
    TOO_OFTEN = 14
    BLOCKED = 15
    REFUSED_OTHERWISE = 19
    NOT_FOLLOWING = 20
    NO_SUCH_OPENID = 21
    NO_SUCH_USER = 22
    LEFT_BEFORE = 23
    NOT_ARRIVED = 24


@dataclass(frozen=True, slots=True)
class Meaning:
    """The state, the sentence that the page shows for it, and the platform's code where one stands behind it."""

    state: RecipientState
    label: str
    code: int | None = None


_REFUSED, _AWAY = RecipientState.REFUSED, RecipientState.UNREACHABLE
MEANINGS: Final[Mapping[Mark, Meaning]] = {
    Mark.QUEUED: Meaning(RecipientState.QUEUED, "待发送"),
    Mark.BEGUN: Meaning(RecipientState.QUEUED, "发送中"),
    Mark.SENT: Meaning(RecipientState.SENT, "微信已受理"),
    Mark.SENT_BEFORE: Meaning(RecipientState.SENT, "一分钟内已发过同样的内容", 40241),
    Mark.DELIVERED: Meaning(RecipientState.DELIVERED, "已送达"),
    Mark.NO_ANSWER: Meaning(RecipientState.UNCERTAIN, "没有收到微信的答复，不会重发"),
    Mark.NOT_WANTED: Meaning(_REFUSED, "关注者不接收，或订阅次数已用完", 43101),
    Mark.BLACKLISTED: Meaning(_REFUSED, "在公众号的黑名单中", 43019),
    Mark.WINDOW_CLOSED: Meaning(_REFUSED, "距上次来信已超过 48 小时", 45015),
    Mark.WINDOW_USED_UP: Meaning(_REFUSED, "客服消息条数已用完", 45047),
    Mark.TOO_OFTEN: Meaning(_REFUSED, "微信认为发给此人过于频繁", 43117),
    Mark.BLOCKED: Meaning(_REFUSED, "关注者屏蔽了公众号的消息"),
    Mark.REFUSED_OTHERWISE: Meaning(_REFUSED, "微信返回未收录的错误，没有发出"),
    Mark.NOT_FOLLOWING: Meaning(_AWAY, "已取消关注", 43004),
    Mark.NO_SUCH_OPENID: Meaning(_AWAY, "微信不认识这个 OpenID", 40003),
    Mark.NO_SUCH_USER: Meaning(_AWAY, "没有这位用户", 46004),
    Mark.LEFT_BEFORE: Meaning(_AWAY, "轮到发送时已取消关注或已删除资料"),
    Mark.NOT_ARRIVED: Meaning(_AWAY, "微信通知发送失败（系统原因）"),
}

OPEN: Final = frozenset({Mark.QUEUED, Mark.BEGUN})
"""The marks of those who still wait."""

AWAITED: Final = frozenset({Mark.BEGUN, Mark.SENT, Mark.SENT_BEFORE, Mark.NO_ANSWER})
"""The marks of those of whom the event may still tell how it came out."""

SETTLED: Final = frozenset({Mark.DELIVERED, Mark.BLOCKED, Mark.NOT_ARRIVED})
"""The marks that the event told: nothing that is known later changes them."""

UNTOLD: Final = frozenset(mark for mark, one in MEANINGS.items() if one.state in (_REFUSED, _AWAY))
"""The marks of those who were not told: it does not count among their notices of the day."""

_OF_CODE: Final[Mapping[int, Mark]] = {
    one.code: mark for mark, one in MEANINGS.items() if one.code is not None
} | {50005: Mark.NOT_FOLLOWING}

Tally = Mapping[int, int]
"""How many recipients have each mark."""


def mark_of(answer: NoticeAnswer, *, repeatable: bool) -> Mark:
    """What is kept of an answer. A lost one stays begun where the same may be sent again, and is settled by whoever
    comes back to it."""
    match answer.reaction:
        case Reaction.SENT:
            return Mark.SENT if answer.code == 0 else _OF_CODE[answer.code]
        case Reaction.REFUSED | Reaction.ABSENT:
            return _OF_CODE.get(answer.code, Mark.REFUSED_OTHERWISE)
        case Reaction.LOST:
            return Mark.BEGUN if repeatable else Mark.NO_ANSWER
        case Reaction.UNKNOWN:
            return Mark.REFUSED_OTHERWISE
        case Reaction.NOT_SENT | Reaction.SPENT | Reaction.STOPPED:
            return Mark.QUEUED


def mark_of_event(status: str) -> Mark | None:
    """What TEMPLATESENDJOBFINISH tells, by the beginning of its `Status` (`failed: system failed` has a blank);
    None where it tells nothing that is known."""
    told = status.replace(" ", "").lower()
    if told.startswith("success"):
        return Mark.DELIVERED
    if told.startswith("failed:userblock"):
        return Mark.BLOCKED
    return Mark.NOT_ARRIVED if told.startswith("failed") else None


def tally_of(marks: bytes | bytearray) -> dict[int, int]:
    """How many have each mark."""
    return dict(Counter(marks))


def add_up(tallies: list[Mapping[str, int]]) -> dict[Mark, int]:
    """The sum of tallies as they are stored: JSON has no numbers for names."""
    total: Counter[Mark] = Counter()
    for one in tallies:
        for mark, number in one.items():
            total[Mark(int(mark))] += number
    return dict(total)


def by_state(total: Mapping[Mark, int]) -> dict[RecipientState, int]:
    """How many are in each state, also in those in which nobody is."""
    states = dict.fromkeys(RecipientState, 0)
    for mark, number in total.items():
        states[MEANINGS[mark].state] += number
    return states
