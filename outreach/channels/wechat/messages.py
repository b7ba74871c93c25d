"""What followers write and do, and what becomes of notices to them, as WeChat pushes it.

Message-push guide of developers.weixin.qq.com, and its pages of template messages and subscription notices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from xml.etree.ElementTree import Element

from outreach.channels.wechat.pushed_xml import (
    BadCallback,
    dedupe_key,
    kind_of,
    optional,
    parse,
    text,
    time_of,
)

KIND_LENGTH: Final = 64
SENDER_LENGTH: Final = 64
MEDIA_KINDS: Final = ("image", "voice", "video", "shortvideo", "location", "link")
WORDED_KINDS: Final = frozenset({"text", *MEDIA_KINDS})
"""What a person wrote or sent; all else are events."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """Somebody wrote `words`."""

    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MediaMessage:
    """Somebody sent a picture, a voice, a video, a place or a link. `caption` is what can be read of it: the words
    that WeChat heard in a voice, the label of a place, the title of a link."""

    kind: str
    caption: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Somebody follows now. `scene` is the parameter of the QR code by which they came, where they did."""

    scene: str | None


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """Somebody follows no longer."""


@dataclass(frozen=True, slots=True)
class MenuPressed:
    """CLICK: somebody pressed the button of the menu that has this key."""

    key: str


@dataclass(frozen=True, slots=True)
class PageOpened:
    """VIEW: somebody opened a link of the menu."""

    url: str | None


@dataclass(frozen=True, slots=True)
class Scanned:
    """SCAN: somebody who follows already scanned a QR code with this parameter."""

    scene: str | None


@dataclass(frozen=True, slots=True)
class Located:
    """LOCATION: the account was opened at some place. Where it is stays unread: nothing here needs it."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody said to the notices of one template. `scene` is WeChat's PopupScene."""

    template_id: str
    is_given: bool
    scene: str | None


@dataclass(frozen=True, slots=True)
class Consented:
    """subscribe_msg_popup_event: somebody was asked, and each consent is good for one notice (long-term templates:
    until it is taken back)."""

    consents: tuple[Consent, ...]


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """subscribe_msg_change_event: somebody changed in the settings what they want to receive."""

    consents: tuple[Consent, ...]


class Arrival(StrEnum):
    """What became of a notice."""

    DELIVERED = "delivered"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TemplateArrived:
    """TEMPLATESENDJOBFINISH: what became of the template message `msg_id`. `status` is WeChat's own word."""

    msg_id: str
    arrival: Arrival
    status: str


@dataclass(frozen=True, slots=True)
class NoticeArrived:
    """What became of one subscription notice; `error_code` is '0' where it was delivered."""

    template_id: str
    msg_id: str
    error_code: str
    status: str


@dataclass(frozen=True, slots=True)
class NoticesArrived:
    """subscribe_msg_sent_event."""

    notices: tuple[NoticeArrived, ...]


@dataclass(frozen=True, slots=True)
class AuthorisationRevoked:
    """user_authorization_revoke: somebody took back what they had allowed in WeChat's web login. `openid` is theirs."""

    openid: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else, or something known that lacks what makes it so: it is kept as it came."""


Content = (
    TextMessage
    | MediaMessage
    | Subscribed
    | Unsubscribed
    | MenuPressed
    | PageOpened
    | Scanned
    | Located
    | Consented
    | ConsentChanged
    | TemplateArrived
    | NoticesArrived
    | AuthorisationRevoked
    | Unknown
)


@dataclass(frozen=True, slots=True)
class FollowerMessage:
    """Something that is about one follower, whose openid is `sender`. `kind` is the message's type, or the event's
    name; `at` is WeChat's own time (aware, whole seconds); `dedupe_key` is the same for each delivery of it; `xml`
    is what came, which `read_again` takes."""

    kind: str
    sender: str = field(repr=False)
    at: datetime
    dedupe_key: str
    xml: str = field(repr=False)


def follower_message(xml: Element, source: bytes) -> FollowerMessage:
    """The envelope of `xml`, which was read from `source`. Raises BadCallback."""
    sender = text(xml, "FromUserName")
    if len(sender) > SENDER_LENGTH:
        raise BadCallback("推送内容的 FromUserName 过长。")
    try:
        words = source.decode()
    except UnicodeDecodeError as error:
        raise BadCallback("推送内容不是 UTF-8。", "xml") from error
    return FollowerMessage(kind_of(xml)[:KIND_LENGTH], sender, time_of(xml), dedupe_key(xml), words)


def read_again(stored: str) -> tuple[FollowerMessage, Content]:
    """The message that was kept as `stored`, and what it says. Raises BadCallback only for what was never kept."""
    source = stored.encode()
    xml = parse(source)
    message = follower_message(xml, source)
    try:
        return message, _READERS.get(message.kind, _unknown)(xml)
    except BadCallback:
        return message, Unknown()


def _unknown(_: Element) -> Content:
    return Unknown()


def _text(xml: Element) -> Content:
    return TextMessage(text(xml, "Content"))


def _media(xml: Element) -> Content:
    captions = (optional(xml, path) for path in ("Recognition", "Label", "Title"))
    return MediaMessage(kind_of(xml), next((one for one in captions if one), None))


def _subscribed(xml: Element) -> Content:
    key = optional(xml, "EventKey")
    return Subscribed(key.removeprefix("qrscene_") if key else None)


def _consents(xml: Element, member: str) -> tuple[Consent, ...]:
    """One comes as a single List, several as several."""
    return tuple(
        Consent(
            text(one, "TemplateId"),
            text(one, "SubscribeStatusString") == "accept",
            optional(one, "PopupScene"),
        )
        for one in xml.findall(f"{member}/List")
    )


def _arrived(xml: Element) -> Content:
    status = text(xml, "Status")
    return TemplateArrived(text(xml, "MsgID"), _arrival(status), status)


def _arrival(status: str) -> Arrival:
    """`success`, `failed:user block`, `failed: system failed`: with and without the space."""
    if status == "success":
        return Arrival.DELIVERED
    reason = status.partition(":")[2].strip()
    return Arrival.BLOCKED if reason.startswith("user block") else Arrival.FAILED


def _notices_arrived(xml: Element) -> Content:
    return NoticesArrived(
        tuple(
            NoticeArrived(
                text(one, "TemplateId"),
                text(one, "MsgID"),
                text(one, "ErrorCode"),
                optional(one, "ErrorStatus") or "",
            )
            for one in xml.findall("SubscribeMsgSentEvent/List")
        )
    )


_READERS: Final[Mapping[str, Callable[[Element], Content]]] = {
    "text": _text,
    **dict.fromkeys(MEDIA_KINDS, _media),
    "subscribe": _subscribed,
    "unsubscribe": lambda _: Unsubscribed(),
    "CLICK": lambda xml: MenuPressed(text(xml, "EventKey")),
    "VIEW": lambda xml: PageOpened(optional(xml, "EventKey")),
    "SCAN": lambda xml: Scanned(optional(xml, "EventKey")),
    "LOCATION": lambda _: Located(),
    "subscribe_msg_popup_event": lambda xml: Consented(_consents(xml, "SubscribeMsgPopupEvent")),
    "subscribe_msg_change_event": lambda xml: ConsentChanged(_consents(xml, "SubscribeMsgChangeEvent")),
    "TEMPLATESENDJOBFINISH": _arrived,
    "subscribe_msg_sent_event": _notices_arrived,
    "user_authorization_revoke": lambda xml: AuthorisationRevoked(text(xml, "OpenID")),
}
KNOWN_KINDS: Final = frozenset(_READERS)
"""What is understood, as WeChat spells it; whatever else comes is counted together."""
