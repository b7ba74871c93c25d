"""What a Weibo account may do, asked by calls that publish nothing: oauth2/get_token_info and the timeline."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from typing import Final

from outreach.channels.credentials import WeiboCredentials
from outreach.channels.protocol import ChannelError
from outreach.channels.rights import Right, RightName, RightsFound, RightState, asked, not_asked
from outreach.channels.weibo.channel import WeiboChannel
from outreach.channels.weibo.oauth import WeiboOAuth
from outreach.foundation import clock
from outreach.foundation.dates import moment

_INNER: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "fc00::/7",
        "::1",
    )
)
_ASK_AGAIN: Final = "要先有授权，才能检查这一项。请先处理上面的问题，再检查一次。"
_DOMAIN: Final = (
    "微博不提供查询。请管理员在微博开放平台的应用信息中核对：“安全域名”里登记了本系统公开页面的域名；"
    "没有登记的，发微博时平台返回 10017。"
)


async def rights_of(oauth: WeiboOAuth, channel: WeiboChannel, credentials: WeiboCredentials) -> RightsFound:
    """Each right, in the order in which they are needed. Raises nothing that a platform may answer."""
    authorisation, until = await _authorisation(oauth, credentials)
    if authorisation.state is RightState.PASSED:
        timeline = await asked(RightName.TIMELINE, _timeline(channel))
    else:
        (timeline,) = not_asked((RightName.TIMELINE,), _ASK_AGAIN)
    domain = Right(RightName.SECURITY_DOMAIN, RightState.NOT_ASKED, _DOMAIN)
    return RightsFound((authorisation, timeline, _rip(credentials.rip), domain), until)


async def _authorisation(oauth: WeiboOAuth, credentials: WeiboCredentials) -> tuple[Right, datetime | None]:
    if not credentials.access_token:
        told = "还没有授权。请点“授权”，由微博账号的所有者登录同意。"
        return Right(RightName.AUTHORISATION, RightState.FAILED, told), None
    try:
        info = await oauth.token_info(credentials.access_token)
    except ChannelError as error:
        return Right(RightName.AUTHORISATION, RightState.FAILED, error.message, error.code), None
    if credentials.uid and info.uid != credentials.uid:
        told = "授权属于另一个微博用户，不是这个账号。请点“授权”，换用本单位的微博账号登录同意。"
        return Right(RightName.AUTHORISATION, RightState.FAILED, told), None
    until = clock.now() + timedelta(seconds=info.expires_in_s)
    told = f"授权有效，到 {moment(until, clock.SHANGHAI)} 为止；到期前请重新点“授权”。"
    return Right(RightName.AUTHORISATION, RightState.PASSED, told), until


async def _timeline(channel: WeiboChannel) -> str:
    await channel.timeline()
    return "能读取这个账号的微博，没有收到答复的可以核对。"


def _rip(rip: str) -> Right:
    address = ipaddress.ip_address(rip)
    if any(address in network for network in _INNER):
        told = (
            "录入的是内网地址，微博要求填公网 IP。请向网络管理员问清本单位出口的公网 IP，在“更换凭据”中改正。"
        )
        return Right(RightName.RIP, RightState.FAILED, told)
    told = "已录入公网 IP。它是不是本单位现在的出口，平台不提供查询，换过线路的请核对。"
    return Right(RightName.RIP, RightState.PASSED, told)
