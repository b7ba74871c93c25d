"""The followers of an Official Account (developers.weixin.qq.com: user management, customer-service messages)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from outreach.channels.follower_protocol import Answer, Detail, FollowerPage, NewsAnswer, TextAnswer
from outreach.channels.protocol import OutcomeUnknown
from outreach.channels.wechat.api import WeChatApi
from outreach.channels.wechat.errors import OF_CUSTOMER_MESSAGE

PAGE: Final = 10_000
"""user/get gives so many openids at once; a page with fewer is the last."""
_CUSTOM_SEND: Final = "/cgi-bin/message/custom/send"
_LOST: Final = "没有收到微信对客服消息的答复，可能已经送达。为免重复，不再发送。"


class WeChatFollowers:
    """One account."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    async def list_followers(self, after: str | None) -> FollowerPage:
        """user/get. Raises ChannelError."""
        members = await self._api.get("/cgi-bin/user/get", {"next_openid": after} if after else {}, "count")
        openids = tuple(str(one) for one in members.get("data", {}).get("openid", ()))
        is_last = len(openids) < PAGE or not members.get("next_openid")
        return FollowerPage(int(members["total"]), openids, None if is_last else openids[-1])

    async def details(self, openids: Sequence[str]) -> list[Detail]:
        """user/info/batchget. Raises ChannelError."""
        request = {"user_list": [{"openid": openid} for openid in openids]}
        members = await self._api.post("/cgi-bin/user/info/batchget", request, "user_info_list")
        return [_detail(one) for one in members["user_info_list"]]

    async def tell(self, openid: str, answer: Answer) -> None:
        """custom/send. Raises ChannelError."""
        request = {"touser": openid, **_message(answer)}
        try:
            await self._api.submit(_CUSTOM_SEND, request, "errcode", OF_CUSTOMER_MESSAGE)
        except OutcomeUnknown as error:
            raise OutcomeUnknown(_LOST, code=error.code) from None


def _detail(told: Mapping[str, Any]) -> Detail:
    """Who follows no longer has no other members than these two."""
    since = datetime.fromtimestamp(int(told["subscribe_time"]), UTC) if told["subscribe"] else None
    return Detail(str(told["openid"]), since)


def _message(answer: Answer) -> Mapping[str, Any]:
    match answer:
        case TextAnswer(text):
            return {"msgtype": "text", "text": {"content": text}}
        case NewsAnswer(title, description, url, picture_url):
            article = {"title": title, "description": description, "url": url, "picurl": picture_url}
            return {"msgtype": "news", "news": {"articles": [article]}}
