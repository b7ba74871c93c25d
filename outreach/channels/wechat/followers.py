"""The followers of an Official Account (developers.weixin.qq.com: user management, customer-service messages)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from outreach.channels.follower_protocol import Answer, NewsAnswer, TextAnswer
from outreach.channels.protocol import OutcomeUnknown
from outreach.channels.wechat.api import WeChatApi
from outreach.channels.wechat.errors import OF_CUSTOMER_MESSAGE

_CUSTOM_SEND: Final = "/cgi-bin/message/custom/send"
_LOST: Final = "没有收到微信对客服消息的答复，可能已经送达。为免重复，不再发送。"


class WeChatFollowers:
    """One account."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    async def tell(self, openid: str, answer: Answer) -> None:
        """custom/send. Raises ChannelError."""
        request = {"touser": openid, **_message(answer)}
        try:
            await self._api.submit(_CUSTOM_SEND, request, "errcode", OF_CUSTOMER_MESSAGE)
        except OutcomeUnknown as error:
            raise OutcomeUnknown(_LOST, code=error.code) from None


def _message(answer: Answer) -> Mapping[str, Any]:
    match answer:
        case TextAnswer(text):
            return {"msgtype": "text", "text": {"content": text}}
        case NewsAnswer(title, description, url, picture_url):
            article = {"title": title, "description": description, "url": url, "picurl": picture_url}
            return {"msgtype": "news", "news": {"articles": [article]}}
