"""What WeChat pushes is XML that anybody may have sent: it is read without believing it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from outreach.foundation.problems import Problem
from outreach.foundation.seal import digest

_OF_AN_EVENT: Final = (
    "FromUserName",
    "CreateTime",
    "Event",
    "EventKey",
    "MsgID",
    "PublishEventInfo/publish_id",
    "SubscribeMsgSentEvent/List/MsgID",
)


class BadCallback(Problem):
    """The request is not WeChat's, is too old, or can't be read. Nothing of it is to be believed. `reason` is one of
    a few words, by which such requests are counted."""

    status, code, title = 400, "bad-callback", "推送请求无效"

    def __init__(self, detail: str, reason: str = "content") -> None:
        super().__init__(detail)
        self.reason = reason


def parse(body: bytes) -> Element:
    """The root of `body`. DTDs, and with them every entity, are refused. Raises BadCallback."""
    try:
        message: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadCallback("推送内容带有文档类型声明。", "entities") from error
    except (ParseError, ValueError, LookupError) as error:  # the last: its encoding
        raise BadCallback("推送内容不是合法的 XML。", "xml") from error
    return message


def kind_of(xml: Element) -> str:
    """The message's type, or the event's name, as WeChat spells it. Raises BadCallback."""
    kind = text(xml, "MsgType")
    return text(xml, "Event") if kind == "event" else kind


def time_of(xml: Element) -> datetime:
    """When it was sent, by WeChat's clock. Raises BadCallback."""
    return datetime.fromtimestamp(number(xml, "CreateTime"), UTC)


def dedupe_key(xml: Element) -> str:
    """The same for each delivery of one message: 64 hexadecimal digits.

    Messages have a MsgId. Events are told apart by sender and second, and since all jobs report under one
    sender, by event, key and job as well.
    """
    if message_id := optional(xml, "MsgId"):
        return digest(f"message {message_id}")
    return digest("event " + "\n".join(optional(xml, part) or "" for part in _OF_AN_EVENT))


def text(xml: Element, path: str) -> str:
    """The text at `path`. Raises BadCallback where there is none."""
    found = optional(xml, path)
    if found is None:
        raise BadCallback(f"推送内容缺少 {path}。")
    return found


def optional(xml: Element, path: str) -> str | None:
    """The text at `path` without space around it; None where there is none."""
    return (xml.findtext(path) or "").strip() or None


def number(xml: Element, path: str) -> int:
    """The whole number at `path`. Raises BadCallback."""
    return _integer(text(xml, path), path)


def numbers(xml: Element, path: str) -> tuple[int, ...]:
    """The whole numbers of all elements at `path`. Raises BadCallback."""
    return tuple(_integer(element.text or "", path) for element in xml.findall(path))


def _integer(written: str, path: str) -> int:
    # Ten digits are enough for any time of this or the next two centuries, and for every count.
    if not (written.isascii() and written.isdecimal()) or len(written) > 10:
        raise BadCallback(f"推送内容的 {path} 不是数字。")
    return int(written)
