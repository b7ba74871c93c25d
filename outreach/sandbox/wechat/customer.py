"""Customer-service messages: to one person, for a while after they wrote (api_sendcustommessage)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from outreach.sandbox.wechat import conversations, drafts, followers, media, messages, publishing
from outreach.sandbox.wechat.calls import OK, Call
from outreach.sandbox.wechat.errors import WeChatError

NEWS_MAX: Final = 1

Content = Mapping[str, Any]


def send(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/custom/send: text, picture, voice, video, music, article or menu."""
    person = _person(call)
    kind = call.text("msgtype", 40008)
    check = _KINDS.get(kind)
    content = call.json.get(kind)
    if check is None:
        raise WeChatError(40008)
    if not isinstance(content, dict):
        raise WeChatError(44004 if kind == "text" else 47001)
    _check_agent(call)
    check(call, content)
    conversations.use(call, person)
    messages.record(call.sandbox, call.appid, person, "customer", {"msgtype": kind, kind: content})
    return OK


def typing(call: Call) -> Mapping[str, Any]:
    """POST /cgi-bin/message/custom/typing: shows for fifteen seconds that somebody writes, or takes it away."""
    person = _person(call)
    command = call.json.get("command")
    if command == "Typing":
        conversations.type_to(call, person)
    elif command == "CancelTyping":
        conversations.stop_typing(call, person)
    else:
        raise WeChatError(45072)
    return OK


def _person(call: Call) -> str:
    """Who is written to; for one who left, no window is open. Raises WeChatError (40003, 43019)."""
    row = followers.known(call, call.json.get("touser"))
    if row["blocked"]:
        raise WeChatError(43019)
    return str(row["openid"])


def _check_agent(call: Call) -> None:
    """Accounts of customer-service staff are not imitated: there is none (61452)."""
    if call.json.get("customservice"):
        raise WeChatError(61452)


def _text(_: Call, content: Content) -> None:
    text = content.get("content")
    if not isinstance(text, str) or not text:
        raise WeChatError(44004)


def _media(*kinds: str) -> Callable[[Call, Content], None]:
    def _check(call: Call, content: Content) -> None:
        media.usable(call, content.get("media_id"), *kinds)

    return _check


def _music(call: Call, content: Content) -> None:
    media.usable(call, content.get("thumb_media_id"), "thumb", "image")


def _news(_: Call, content: Content) -> None:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles:
        raise WeChatError(44003)
    if len(articles) > NEWS_MAX:
        raise WeChatError(45008)


def _draft(call: Call, content: Content) -> None:
    drafts.find(call, content.get("media_id"))


def _published(call: Call, content: Content) -> None:
    publishing.find(call, content.get("article_id"))


def _menu(_: Call, content: Content) -> None:
    if not isinstance(content.get("list"), list) or not content["list"]:
        raise WeChatError(47001)


def _no_right(_: Call, __: Content) -> None:
    """Cards and mini-programs are not imitated: the account has no right to send them."""
    raise WeChatError(48008)


_KINDS: Final[Mapping[str, Callable[[Call, Content], None]]] = {
    "text": _text,
    "image": _media("image"),
    "voice": _media("voice"),
    "video": _media("video"),
    "music": _music,
    "news": _news,
    "mpnews": _draft,
    "mpnewsarticle": _published,
    "msgmenu": _menu,
    "wxcard": _no_right,
    "miniprogrampage": _no_right,
}
