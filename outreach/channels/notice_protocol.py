"""What a channel can do that tells followers something one by one: WeChat's template messages, subscription notices and
customer-service messages.

An answer is a value and no exception: there are a million of them, and what one recipient's answer means for the others
is for whoever sends to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final, NamedTuple, Protocol


class NoticeCall(StrEnum):
    """By what a follower is told."""

    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"
    CUSTOMER = "customer"


CALL_LABELS: Final[Mapping[NoticeCall, str]] = {
    NoticeCall.TEMPLATE: "模板消息",
    NoticeCall.SUBSCRIPTION: "订阅通知",
    NoticeCall.CUSTOMER: "客服消息",
}

REPEATABLE: Final = frozenset({NoticeCall.TEMPLATE})
"""The calls that may be made again after a lost answer, under the same id (api_sendtemplatemessage: client_msg_id, one
send for an openid and an id within ten minutes). Any other lost answer stays unknown."""


class Reaction(Enum):
    """What an answer means.

    SENT: it was taken. REFUSED: this follower does not want it, or may not be sent it now. ABSENT: follows no longer.
    LOST: it may have been sent. NOT_SENT: nothing left this machine. SPENT: nobody may be sent anything before the
    window opens. STOPPED: a person has to mend something first. UNKNOWN: an error that stands in no table; the platform
    has answered and not done it.
    """

    SENT = 1
    REFUSED = 2
    ABSENT = 3
    LOST = 4
    NOT_SENT = 5
    SPENT = 6
    STOPPED = 7
    UNKNOWN = 8


class NoticeAnswer(NamedTuple):
    """The answer for one follower. `code` is the platform's, 0 where it has none; `msg_id` names the message in the
    event that tells whether it arrived; `message` is Chinese; `wait_s` is how long until the window opens."""

    reaction: Reaction
    code: int = 0
    msg_id: int = 0
    message: str = ""
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """What all followers of one notice are told: the fields of a template by name, or `text` for a customer-service
    message; `url` is where it leads."""

    call: NoticeCall
    url: str
    template_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A field of a template: `name` is the platform's (`thing1`; it begins with the type of the value), `label` what the
    follower reads before it."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class TemplateShape:
    """A template that the account owns. `lasting`: one consent allows any number of messages."""

    call: NoticeCall
    template_id: str
    title: str
    fields: tuple[TemplateField, ...]
    lasting: bool = False


class NoticeSender(Protocol):
    """Sends one notice, follower by follower; many at the same time."""

    async def send(self, openid: str) -> NoticeAnswer:
        """Sends it to that follower."""


class NotifyingChannel(Protocol):
    """One account that can tell followers one by one. No method is called inside a database transaction."""

    async def shapes(self) -> Sequence[TemplateShape]:
        """The templates that the account owns on the platform. Raises ChannelError."""

    def sender(self, words: NoticeWords, client_msg_id: str) -> NoticeSender:
        """The way to send `words`. Where the call takes an id, each follower is sent them once under
        `client_msg_id` within ten minutes, however often it is made."""
