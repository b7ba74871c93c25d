"""The ways to the platforms, as a process holds them: one pool of connections, a channel an account."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from outreach.channels.credentials import WeChatCredentials, WeiboCredentials, open_credentials
from outreach.channels.figures_protocol import FiguresChannel
from outreach.channels.follower_protocol import FollowerChannel
from outreach.channels.http import Transport
from outreach.channels.login_protocol import LoginChannel
from outreach.channels.materials import Materials
from outreach.channels.menu_protocol import MenuChannel
from outreach.channels.model import Account, ChannelName
from outreach.channels.notice_protocol import NotifyingChannel
from outreach.channels.protocol import Channel, NeedsOperator
from outreach.channels.push_protocol import PushingChannel
from outreach.channels.rights import RightsFound
from outreach.channels.rules import can_log_in
from outreach.channels.wechat import rights as wechat_rights
from outreach.channels.wechat.api import WeChatApi
from outreach.channels.wechat.channel import WeChatChannel
from outreach.channels.wechat.figures import WeChatFigures
from outreach.channels.wechat.followers import WeChatFollowers
from outreach.channels.wechat.menus import WeChatMenus
from outreach.channels.wechat.notifier import WeChatNotifier
from outreach.channels.wechat.pusher import WeChatPusher
from outreach.channels.wechat.web_login import WeChatLogin
from outreach.channels.weibo import rights as weibo_rights
from outreach.channels.weibo.channel import WeiboChannel
from outreach.channels.weibo.oauth import WeiboOAuth
from outreach.foundation.database import Database
from outreach.foundation.media import MediaStore
from outreach.foundation.seal import Sealer

_REACH_TIMEOUT_S: Final = 10.0


class Channels:
    """Gives the channel of each account. Nothing is connected before it is used."""

    def __init__(
        self,
        *,
        db: Database,
        sealer: Sealer,
        media: MediaStore,
        wechat_base_url: str,
        wechat_open_url: str,
        weibo_base_url: str,
    ) -> None:
        self._db = db
        self._sealer = sealer
        self._media = media
        self._wechat_base_url = wechat_base_url
        self._wechat_open_url = wechat_open_url
        self._weibo_base_url = weibo_base_url
        self._transport = Transport()

    async def of(self, account: Account) -> Channel:
        """The channel of `account`. Raises NeedsOperator where its credentials are incomplete, WrongKey."""
        match account.channel:
            case ChannelName.WECHAT:
                return self._wechat(account, self._wechat_api(account))
            case ChannelName.WEIBO:
                credentials = open_credentials(self._sealer, account, WeiboCredentials)
                return WeiboChannel(self._transport, self._weibo_base_url, credentials, self._media)

    async def rights_of(self, account: Account) -> RightsFound:
        """Asks the platform what `account` may do; nothing is published. Raises as `of` does."""
        match account.channel:
            case ChannelName.WECHAT:
                return await wechat_rights.rights_of(self._wechat_api(account), account)
            case ChannelName.WEIBO:
                credentials = open_credentials(self._sealer, account, WeiboCredentials)
                channel = WeiboChannel(self._transport, self._weibo_base_url, credentials, self._media)
                return await weibo_rights.rights_of(self.weibo_oauth(account), channel, credentials)

    async def pusher_of(self, account: Account) -> PushingChannel:
        """The way to push several articles at once. Raises as `of` does, and NeedsOperator where the platform
        has no such thing."""
        if account.channel is not ChannelName.WECHAT:
            raise NeedsOperator("只有微信公众号可以群发多图文。", code="cannot-push")
        api = self._wechat_api(account)
        return WeChatPusher(api, self._wechat(account, api))

    async def notifier_of(self, account: Account) -> NotifyingChannel:
        """The way to tell followers one by one. Raises as `of` does, and NeedsOperator where the platform has no such
        thing."""
        if account.channel is not ChannelName.WECHAT:
            raise NeedsOperator("只有微信公众号可以给关注者发通知。", code="cannot-notify")
        return WeChatNotifier(self._wechat_api(account))

    def menu_of(self, account: Account) -> MenuChannel:
        """The way to the menu under the account's conversations. Raises as `of` does, and NeedsOperator where the
        platform has no such thing."""
        if account.channel is not ChannelName.WECHAT:
            raise NeedsOperator("只有微信公众号有菜单。", code="no-menu")
        return WeChatMenus(self._wechat_api(account))

    def login_of(self, account: Account) -> LoginChannel:
        """The way to know who opens a page. Raises as `of` does, and NeedsOperator where the account may not ask."""
        if not can_log_in(account):
            raise NeedsOperator("只有已认证的微信服务号可以使用网页授权。", code="no-web-login")
        return WeChatLogin(
            self._transport,
            self._wechat_base_url,
            self._wechat_open_url,
            open_credentials(self._sealer, account, WeChatCredentials),
            self._wechat_api(account),
        )

    async def followers_of(self, account: Account) -> FollowerChannel:
        """The way to the account's followers. Raises as `of` does, and NeedsOperator where the platform has no such
        thing."""
        if account.channel is not ChannelName.WECHAT:
            raise NeedsOperator("只有微信公众号有关注者接口。", code="no-followers")
        return WeChatFollowers(self._wechat_api(account))

    async def figures_of(self, account: Account) -> FiguresChannel:
        """The way to the figures of the account's readers. Raises as `of` does, and NeedsOperator where the platform
        has none."""
        if account.channel is not ChannelName.WECHAT:
            raise NeedsOperator("只有微信公众号有统计数据接口。", code="no-figures")
        return WeChatFigures(self._wechat_api(account))

    def weibo_oauth(self, account: Account) -> WeiboOAuth:
        """The way to authorise `account` anew. Raises as `of` does."""
        credentials = open_credentials(self._sealer, account, WeiboCredentials)
        return WeiboOAuth(self._transport, self._weibo_base_url, credentials)

    def address_of(self, platform: ChannelName) -> str:
        """Where its interface is called."""
        return self._wechat_base_url if platform is ChannelName.WECHAT else self._weibo_base_url

    async def time_of(self, platform: ChannelName) -> datetime | None:
        """What time the platform says it is, in whole seconds, asked without any account; None where it tells
        none. Raises NotSent where it can't be reached, else AnswerLost."""
        return (await self._transport.get(self.address_of(platform), {}, timeout_s=_REACH_TIMEOUT_S)).date

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.close()

    def _wechat(self, account: Account, api: WeChatApi) -> WeChatChannel:
        materials = Materials(self._db, account.id)
        return WeChatChannel(api, self._media, materials, can_publish=account.verified)

    def _wechat_api(self, account: Account) -> WeChatApi:
        return WeChatApi(
            self._transport,
            self._wechat_base_url,
            open_credentials(self._sealer, account, WeChatCredentials),
            db=self._db,
            sealer=self._sealer,
            account_id=account.id,
        )
