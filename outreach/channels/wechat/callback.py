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

from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from outreach.channels.credentials import WeChatCredentials
from outreach.channels.protocol import Result
from outreach.channels.push_protocol import PushResult, Reach, Reprint
from outreach.channels.wechat.messages import FollowerMessage, follower_message
from outreach.channels.wechat.push_results import result_of_event
from outreach.channels.wechat.pushed_xml import (
    BadCallback,
    dedupe_key,
    kind_of,
    number,
    numbers,
    optional,
    parse,
    text,
    time_of,
)
from outreach.channels.wechat.results import result_of
from outreach.foundation import clock
from outreach.foundation.seal import same

REPLAY_WINDOW: Final = timedelta(minutes=5)

# What wechatpy is known to raise on ciphertext that is cut, garbled or meant for another account.
_BAD_CIPHERTEXT: Final = (WeChatException, ValueError, IndexError, struct.error, AssertionError)


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


Message = PublishFinished | PushFinished | FollowerMessage


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
        return _message(decrypt(credentials, query, text(parse(body), "Encrypt")))
    _require_signature(credentials, query, "signature")
    return _message(body)


def decrypt(credentials: WeChatCredentials, query: Mapping[str, str], encrypted: str) -> bytes:
    """The message in `encrypted`, whose signature is `msg_signature` and whose AppID is the account's.
    Raises BadCallback."""
    _require_signature(credentials, query, "msg_signature", encrypted)
    signed = (_parameter(query, name) for name in ("msg_signature", "timestamp", "nonce"))
    try:
        crypto = WeChatCrypto(credentials.token, credentials.encoding_aes_key, credentials.appid)
        message: str = crypto.decrypt_message({"Encrypt": encrypted}, *signed)
    except _BAD_CIPHERTEXT as error:
        raise BadCallback("推送内容无法解密。请核对 EncodingAESKey 和 AppID。", "ciphertext") from error
    return message.encode()


def _require_fresh(query: Mapping[str, str]) -> None:
    try:
        sent_at = datetime.fromtimestamp(int(_parameter(query, "timestamp")), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadCallback("推送请求的时间戳无效。", "parameters") from error
    if abs(clock.now() - sent_at) > REPLAY_WINDOW:
        raise BadCallback("推送请求已过时。请检查服务器时间。", "replay")


def _require_signature(
    credentials: WeChatCredentials, query: Mapping[str, str], parameter: str, *signed: str
) -> None:
    if not credentials.token:
        raise BadCallback("账号没有录入推送令牌（Token）。", "signature")
    signer = WeChatSigner()
    signer.add_data(credentials.token, _parameter(query, "timestamp"), _parameter(query, "nonce"), *signed)
    if not same(signer.signature, _parameter(query, parameter)):
        raise BadCallback("推送请求的签名不符。请核对 Token。", "signature")


def _parameter(query: Mapping[str, str], name: str) -> str:
    value = query.get(name)
    if not value:
        raise BadCallback(f"推送请求缺少参数 {name}。", "parameters")
    return value


def _message(body: bytes) -> Message:
    xml = parse(body)
    match kind_of(xml):
        case "PUBLISHJOBFINISH":
            return _publish_finished(xml)
        case "MASSSENDJOBFINISH":
            return _push_finished(xml)
        case _:
            return follower_message(xml, body)


def _publish_finished(xml: Element) -> PublishFinished:
    return PublishFinished(
        publish_id=text(xml, "PublishEventInfo/publish_id"),
        status=number(xml, "PublishEventInfo/publish_status"),
        article_id=optional(xml, "PublishEventInfo/article_id"),
        url=optional(xml, "PublishEventInfo/article_detail/item/article_url"),
        failed_articles=numbers(xml, "PublishEventInfo/fail_idx"),
        at=time_of(xml),
        dedupe_key=dedupe_key(xml),
    )


def _push_finished(xml: Element) -> PushFinished:
    """One article comes as a single item, several as a list: both are `item`. A count that is missing is 0."""
    named = [_reprint(item) for item in xml.findall("CopyrightCheckResult/ResultList/item")]
    links = xml.findall("ArticleUrlResult/ResultList/item")
    counts = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
    return PushFinished(
        msg_id=text(xml, "MsgID"),
        status=text(xml, "Status"),
        reach=Reach(*(number(xml, name) if optional(xml, name) else 0 for name in counts)),
        reprints=tuple(one for one in named if one is not None),
        urls={number(link, "ArticleIdx"): text(link, "ArticleUrl") for link in links},
        at=time_of(xml),
        dedupe_key=dedupe_key(xml),
    )


def _reprint(item: Element) -> Reprint | None:
    """None where the check found no other original: AuditState 2 says that it did."""
    if optional(item, "AuditState") != "2":
        return None
    return Reprint(
        number(item, "ArticleIdx"),
        optional(item, "OriginalArticleUrl") or "",
        optional(item, "CanReprint") == "1",
    )
