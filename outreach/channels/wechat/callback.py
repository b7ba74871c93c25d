"""WeChat's server push: who sent it, what it says (message-push guide of developers.weixin.qq.com).

A thin adapter over wechatpy's cryptography. What it lacks is done here: signatures are compared in constant
time, old requests are refused, DTDs and entities are refused, and whatever goes wrong is one exception.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from outreach.channels.credentials import WeChatCredentials
from outreach.channels.protocol import Result
from outreach.channels.push_protocol import PushResult, Reach, Reprint
from outreach.channels.wechat.push_results import result_of_event
from outreach.channels.wechat.results import result_of
from outreach.foundation import clock
from outreach.foundation.problems import Problem
from outreach.foundation.seal import digest, same

REPLAY_WINDOW: Final = timedelta(minutes=5)

# What wechatpy is known to raise on ciphertext that is cut, garbled or meant for another account.
_BAD_CIPHERTEXT: Final = (WeChatException, ValueError, IndexError, struct.error, AssertionError)


class BadCallback(Problem):
    """The request is not WeChat's, is too old, or can't be read. Nothing of it is to be believed."""

    status, code, title = 400, "bad-callback", "推送请求无效"


@dataclass(frozen=True, slots=True)
class PublishFinished:
    """PUBLISHJOBFINISH: a freepublish job has come to its end. `url` is the first article's,
    `failed_articles` are numbered from 1, `at` is the event's own time (aware)."""

    publish_id: str
    status: int
    article_id: str | None
    url: str | None
    failed_articles: tuple[int, ...]
    at: datetime
    dedupe_key: str

    def result(self) -> Result:
        """How the post came out. Raises Refused or NeedsOperator as `result_of` does."""
        return result_of(
            self.status,
            article_id=self.article_id,
            url=self.url,
            at=self.at,
            failed_articles=self.failed_articles,
        )


@dataclass(frozen=True, slots=True)
class PushFinished:
    """MASSSENDJOBFINISH: a mass message has come to its end. `urls` are the articles' by their number from 1,
    `reprints` what CopyrightCheckResult names, `at` is the event's own time (aware)."""

    msg_id: str
    status: str
    reach: Reach
    reprints: tuple[Reprint, ...]
    urls: Mapping[int, str]
    at: datetime
    dedupe_key: str

    def result(self) -> PushResult:
        """How the push came out."""
        return result_of_event(
            self.status, at=self.at, urls=self.urls, reach=self.reach, reprints=self.reprints
        )


@dataclass(frozen=True, slots=True)
class OtherMessage:
    """Anything else; `kind` is the message's type, or the event's name. It is acknowledged."""

    kind: str
    dedupe_key: str
    at: datetime


Message = PublishFinished | PushFinished | OtherMessage


def verify_url(credentials: WeChatCredentials, query: Mapping[str, str]) -> str:
    """The `echostr` to answer, bare, when WeChat checks the address. It is signed like a plain message,
    whatever the mode. Raises BadCallback."""
    _require_fresh(query)
    _require_signature(credentials, query, "signature")
    return _parameter(query, "echostr")


def read_message(credentials: WeChatCredentials, query: Mapping[str, str], body: bytes) -> Message:
    """What WeChat pushed. An account with an EncodingAESKey takes encrypted messages only; in the mixed mode
    (兼容模式) the plain fields beside the encrypted one are not looked at. Raises BadCallback."""
    _require_fresh(query)
    if credentials.encoding_aes_key is not None:
        return _message(_parse(decrypt(credentials, query, _text(_parse(body), "Encrypt"))))
    _require_signature(credentials, query, "signature")
    return _message(_parse(body))


def decrypt(credentials: WeChatCredentials, query: Mapping[str, str], encrypted: str) -> bytes:
    """The message in `encrypted`, whose signature is `msg_signature` and whose AppID is the account's.
    Raises BadCallback."""
    _require_signature(credentials, query, "msg_signature", encrypted)
    signed = (_parameter(query, name) for name in ("msg_signature", "timestamp", "nonce"))
    try:
        crypto = WeChatCrypto(credentials.token, credentials.encoding_aes_key, credentials.appid)
        message: str = crypto.decrypt_message({"Encrypt": encrypted}, *signed)
    except _BAD_CIPHERTEXT as error:
        raise BadCallback("推送内容无法解密。请核对 EncodingAESKey 和 AppID。") from error
    return message.encode()


def _require_fresh(query: Mapping[str, str]) -> None:
    try:
        sent_at = datetime.fromtimestamp(int(_parameter(query, "timestamp")), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadCallback("推送请求的时间戳无效。") from error
    if abs(clock.now() - sent_at) > REPLAY_WINDOW:
        raise BadCallback("推送请求已过时。请检查服务器时间。")


def _require_signature(
    credentials: WeChatCredentials, query: Mapping[str, str], parameter: str, *signed: str
) -> None:
    if not credentials.token:
        raise BadCallback("账号没有录入推送令牌（Token）。")
    signer = WeChatSigner()
    signer.add_data(credentials.token, _parameter(query, "timestamp"), _parameter(query, "nonce"), *signed)
    if not same(signer.signature, _parameter(query, parameter)):
        raise BadCallback("推送请求的签名不符。请核对 Token。")


def _parameter(query: Mapping[str, str], name: str) -> str:
    value = query.get(name)
    if not value:
        raise BadCallback(f"推送请求缺少参数 {name}。")
    return value


def _parse(body: bytes) -> Element:
    try:
        message: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:  # the last: its encoding
        raise BadCallback("推送内容不是合法的 XML。") from error
    return message


def _message(xml: Element) -> Message:
    kind = _text(xml, "MsgType")
    if kind == "event":
        kind = _text(xml, "Event")
    at = datetime.fromtimestamp(_number(xml, "CreateTime"), UTC)
    if kind == "PUBLISHJOBFINISH":
        return _publish_finished(xml, at)
    if kind == "MASSSENDJOBFINISH":
        return _push_finished(xml, at)
    return OtherMessage(kind, _dedupe_key(xml), at)


def _publish_finished(xml: Element, at: datetime) -> PublishFinished:
    return PublishFinished(
        publish_id=_text(xml, "PublishEventInfo/publish_id"),
        status=_number(xml, "PublishEventInfo/publish_status"),
        article_id=_optional(xml, "PublishEventInfo/article_id"),
        url=_optional(xml, "PublishEventInfo/article_detail/item/article_url"),
        failed_articles=_numbers(xml, "PublishEventInfo/fail_idx"),
        at=at,
        dedupe_key=_dedupe_key(xml),
    )


def _push_finished(xml: Element, at: datetime) -> PushFinished:
    """One article comes as a single item, several as a list: both are `item`. A count that is missing is 0."""
    named = [_reprint(item) for item in xml.findall("CopyrightCheckResult/ResultList/item")]
    links = xml.findall("ArticleUrlResult/ResultList/item")
    counts = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
    return PushFinished(
        msg_id=_text(xml, "MsgID"),
        status=_text(xml, "Status"),
        reach=Reach(*(_number(xml, name) if _optional(xml, name) else 0 for name in counts)),
        reprints=tuple(one for one in named if one is not None),
        urls={_number(link, "ArticleIdx"): _text(link, "ArticleUrl") for link in links},
        at=at,
        dedupe_key=_dedupe_key(xml),
    )


def _reprint(item: Element) -> Reprint | None:
    """None where the check found no other original: AuditState 2 says that it did."""
    if _optional(item, "AuditState") != "2":
        return None
    return Reprint(
        _number(item, "ArticleIdx"),
        _optional(item, "OriginalArticleUrl") or "",
        _optional(item, "CanReprint") == "1",
    )


def _dedupe_key(xml: Element) -> str:
    """The same for each delivery of one message: 64 hexadecimal digits.

    Messages have a MsgId. Events are told apart by sender and second, and since all jobs report under one
    sender, by event, key and job as well.
    """
    if message_id := _optional(xml, "MsgId"):
        return digest(f"message {message_id}")
    parts = ("FromUserName", "CreateTime", "Event", "EventKey", "MsgID", "PublishEventInfo/publish_id")
    return digest("event " + "\n".join(_optional(xml, part) or "" for part in parts))


def _text(xml: Element, path: str) -> str:
    text = _optional(xml, path)
    if text is None:
        raise BadCallback(f"推送内容缺少 {path}。")
    return text


def _optional(xml: Element, path: str) -> str | None:
    return (xml.findtext(path) or "").strip() or None


def _number(xml: Element, path: str) -> int:
    return _integer(_text(xml, path), path)


def _numbers(xml: Element, path: str) -> tuple[int, ...]:
    return tuple(_integer(element.text or "", path) for element in xml.findall(path))


def _integer(text: str, path: str) -> int:
    # Ten digits are enough for any time of this or the next two centuries, and for every count.
    if not text.isdecimal() or len(text) > 10:
        raise BadCallback(f"推送内容的 {path} 不是数字。")
    return int(text)
