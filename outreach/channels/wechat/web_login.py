"""网页授权: whose browser it is that opens a page inside WeChat (contract sheet 1.12; service accounts that are verified).

`snsapi_base` is asked for: it is silent, and tells the openid alone.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from outreach.channels.credentials import WeChatCredentials
from outreach.channels.http import AnswerLost, Transport
from outreach.channels.login_protocol import Visitor
from outreach.channels.protocol import NotSent
from outreach.channels.wechat.api import WeChatApi, checked

_LOST: Final = "没有收到微信的答复，请稍后从公众号菜单重新进入。"


class WeChatLogin:
    """One account. `open_url` is where browsers are sent."""

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        open_url: str,
        credentials: WeChatCredentials,
        api: WeChatApi,
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._open_url = open_url.rstrip("/")
        self._credentials = credentials
        self._api = api

    def login_url(self, redirect_uri: str, state: str) -> str:
        """The parameters in the order that the platform asks for, and its fragment."""
        return (
            f"{self._open_url}/connect/oauth2/authorize?appid={self._credentials.appid}"
            f"&redirect_uri={quote(redirect_uri, safe='')}&response_type=code&scope=snsapi_base"
            f"&state={state}#wechat_redirect"
        )

    async def visitor(self, code: str) -> Visitor:
        """sns/oauth2/access_token. The token in its answer is another one than the account's, and is not needed. Raises
        ChannelError."""
        query = {
            "appid": self._credentials.appid,
            "secret": self._credentials.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        try:
            answer = await self._transport.get(f"{self._base_url}/sns/oauth2/access_token", query)
            members = checked(answer.members(), "openid")
        except AnswerLost as lost:
            raise NotSent(_LOST, code=str(lost)) from None
        return Visitor(str(members["openid"]), is_virtual=members.get("is_snapshotuser") == 1)

    async def is_follower(self, openid: str) -> bool:
        """user/info. Raises ChannelError."""
        members = await self._api.get("/cgi-bin/user/info", {"openid": openid, "lang": "zh_CN"}, "subscribe")
        return bool(members["subscribe"] == 1)
