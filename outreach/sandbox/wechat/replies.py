"""What a service answers to a message at once (被动回复): read as the platform reads it, or not at all."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from outreach.sandbox.accounts import WeChatAccount
from outreach.sandbox.wechat import sealing
from outreach.sandbox.wechat.sealing import SealError

TEXT_BYTES: Final = 2048
_KINDS: Final = ("text", "image", "voice", "video", "music", "news")
_SEAL: Final = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")


def read(account: WeChatAccount, answer: str) -> Mapping[str, Any] | None:
    """The reply in a service's answer; None where the platform would show the follower a failure instead."""
    values = _values(answer)
    if account.encoding_aes_key and values is not None:
        values = _opened(account, values)
    if values is None or values.get("FromUserName") != account.original_id:
        return None
    if values.get("MsgType") not in _KINDS or not values.get("ToUserName"):
        return None
    text = values.get("Content") or ""
    if values["MsgType"] == "text" and not 0 < len(str(text).encode()) <= TEXT_BYTES:
        return None
    return values


def _opened(account: WeChatAccount, sealed: Mapping[str, Any]) -> Mapping[str, Any] | None:
    encrypt, signature, timestamp, nonce = (str(sealed.get(name) or "") for name in _SEAL)
    expected = sealing.signature(account.token, timestamp, nonce, encrypt)
    if not hmac.compare_digest(expected, signature):
        return None
    try:
        return _values(sealing.decrypted(account, encrypt))
    except SealError:
        return None


def _values(text: str) -> Mapping[str, Any] | None:
    try:
        root = ElementTree.fromstring(text)
    except (ParseError, DefusedXmlException):
        return None
    return {each.tag: _value(each) for each in root} if root.tag == "xml" else None


def _value(element: Element) -> Any:
    """Text, an object, or a list where children share a name."""
    if not len(element):
        return element.text or ""
    if len({child.tag for child in element}) < len(element):
        return [_value(child) for child in element]
    return {child.tag: _value(child) for child in element}
