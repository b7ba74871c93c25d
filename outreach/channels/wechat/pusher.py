"""Mass messages of an Official Account (api_sendall and its neighbours): draft, preview, push, result, removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from outreach.channels.protocol import Article, NeedsOperator, NotSent, Refused
from outreach.channels.push_protocol import PushResult, PushTaken
from outreach.channels.wechat.api import Members, WeChatApi
from outreach.channels.wechat.channel import WeChatChannel
from outreach.channels.wechat.errors import (
    BAD_MEDIA_ID,
    CLIENTMSGID_EXISTS,
    OF_PUSH,
    OF_REPEATED_PUSH,
    Meaning,
)
from outreach.channels.wechat.push_results import result_of_status

_SENDALL: Final = "/cgi-bin/message/mass/sendall"
_OPENID_LENGTH: Final = 28


class WeChatPusher:
    """One verified account. A push goes to all followers; where WeChat judges an article a reprint it stops
    (`send_ignore_reprint` 0), since what the readers would see then is somebody else's text."""

    def __init__(self, api: WeChatApi, channel: WeChatChannel) -> None:
        self._api = api
        self._channel = channel

    async def save_draft(self, articles: Sequence[Article]) -> str:
        """draft/add with all of them; covers and pictures are uploaded first. Raises ChannelError."""
        if not self._channel.can_publish:
            raise NeedsOperator("未认证的公众号不能通过接口群发。", code="not-verified")
        return await self._channel.save_draft(articles)

    async def drop_draft(self, media_id: str) -> None:
        """draft/delete. Raises ChannelError."""
        try:
            await self._api.post("/cgi-bin/draft/delete", {"media_id": media_id}, "errcode")
        except Refused as error:
            if error.code != str(BAD_MEDIA_ID):
                raise

    async def preview(self, media_id: str, recipient: str) -> None:
        """mass/preview. Raises ChannelError."""
        name = "touser" if len(recipient) == _OPENID_LENGTH else "towxname"
        request = {name: recipient, **_articles(media_id)}
        try:
            await self._api.post("/cgi-bin/message/mass/preview", request, "msg_id")
        except NotSent as error:
            told = "没有收到微信的答复，预览可能已经送达。没有收到的，请再发一次。"
            raise NotSent(told, code=error.code) from None

    async def push(self, media_id: str, client_msg_id: str) -> PushTaken:
        """mass/sendall. Raises ChannelError."""
        return await self._send_all(media_id, client_msg_id, OF_PUSH)

    async def push_again(self, media_id: str, client_msg_id: str) -> PushTaken:
        """mass/sendall under the id that it was sent with before; 45065 names the job. Raises ChannelError."""
        return await self._send_all(media_id, client_msg_id, OF_REPEATED_PUSH)

    async def push_result(self, msg_id: str) -> PushResult:
        """mass/get. Raises ChannelError."""
        members = await self._api.post("/cgi-bin/message/mass/get", {"msg_id": msg_id}, "msg_status")
        return result_of_status(str(members["msg_status"]))

    async def delete_pushed(self, msg_id: str, article_idx: int) -> None:
        """mass/delete. Raises ChannelError."""
        request = {"msg_id": int(msg_id), "article_idx": article_idx}
        await self._api.post("/cgi-bin/message/mass/delete", request, "errcode")

    async def _send_all(self, media_id: str, client_msg_id: str, special: Mapping[int, Meaning]) -> PushTaken:
        request = {
            "filter": {"is_to_all": True},
            **_articles(media_id),
            "send_ignore_reprint": 0,
            "clientmsgid": client_msg_id,
        }
        members = await self._api.submit(_SENDALL, request, "msg_id", special, taken={CLIENTMSGID_EXISTS})
        return _taken(members)


def _articles(media_id: str) -> dict[str, Any]:
    return {"msgtype": "mpnews", "mpnews": {"media_id": media_id}}


def _taken(members: Members) -> PushTaken:
    data_id = members.get("msg_data_id")
    return PushTaken(str(members["msg_id"]), None if data_id is None else str(data_id))
