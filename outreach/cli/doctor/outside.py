"""The world outside: whether the platforms can be reached, and we by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from outreach.channels.http import AnswerLost
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import NotSent
from outreach.channels.queries import list_accounts
from outreach.channels.rules import CHANNEL_LABELS, can_publish, is_authorisation_ending
from outreach.cli.doctor.complaint import Check, Complaint
from outreach.foundation import clock
from outreach.foundation.dates import moment
from outreach.foundation.stops import OFFICE, Stop, stops
from outreach.office.context import Office

_NO_NAME: Final = "检查本机的 DNS 设置（/etc/resolv.conf），以及地址是否写对。"
_NO_TRUST: Final = "检查本机时钟，更新系统的根证书（ca-certificates）；出口有解密代理时，请对这个地址放行。"
_NO_WAY: Final = "请网络管理员放行本机到这个地址的出站连接。"
_HOW_TO_REACH: Final = {
    "ClientConnectorDNSError": _NO_NAME,
    "ClientConnectorCertificateError": _NO_TRUST,
    "ClientConnectorSSLError": _NO_TRUST,
}


async def _platforms(office: Office) -> list[Complaint]:
    """Every platform on which there is an account."""
    async with office.db.read() as session:
        accounts = await list_accounts(session, active_only=True)
    complaints = []
    for platform in dict.fromkeys(account.channel for account in accounts):
        try:
            await office.channels.time_of(platform)
        except NotSent as error:
            complaints.append(_unreachable(office, platform, str(error.code)))
        except AnswerLost as lost:
            complaints.append(_unreachable(office, platform, str(lost)))
    return complaints


async def _accounts(office: Office) -> list[Complaint]:
    async with office.db.read() as session:
        accounts = await list_accounts(session, active_only=True)
        stopped = await stops(session)
    now = clock.now()
    if not accounts:
        return [Complaint("还没有平台账号。", "在“账号”页添加，或用 outreach account add。")]
    paused = [
        Complaint(f"账号“{one.name}”已暂停：{one.paused_reason}", "处理后在“账号”页点“恢复”。")
        for one in accounts
        if one.paused_at
    ]
    # An Official Account that is not verified is no fault: its posts end as drafts, which a person releases.
    unauthorised = [
        Complaint(f"微博账号“{one.name}”还没有授权，不能发布。", "在“账号”页打开它，点“授权”。")
        for one in accounts
        if one.channel is ChannelName.WEIBO and not can_publish(one) and one.paused_at is None
    ]
    ending = [
        Complaint(
            f"微博账号“{one.name}”的授权{_when(one, now)}。",
            "在“账号”页点“授权”，由微博账号的所有者登录同意。",
        )
        for one in accounts
        if is_authorisation_ending(one, now)
    ]
    return [*_stopped(accounts, stopped), *paused, *unauthorised, *ending]


def _when(account: Account, now: datetime) -> str:
    until = account.authorised_until or now
    return (
        f"到 {moment(until, clock.SHANGHAI)} 为止"
        if until > now
        else f"已在 {moment(until, clock.SHANGHAI)} 到期"
    )


def _stopped(accounts: Sequence[Account], stopped: Mapping[str, Stop]) -> list[Complaint]:
    names = {OFFICE: "所有账号", **{account.id: f"账号“{account.name}”" for account in accounts}}
    return [
        Complaint(f"{names[scope]}已由{one.by_name}停发：{one.reason}", "问清后在“账号”页恢复。")
        for scope, one in stopped.items()
        if scope in names
    ]


async def _public_url(office: Office) -> list[Complaint]:
    url = office.settings.public_url
    if url.startswith(("http://127.", "http://localhost")) and office.settings.wechat_base_url.startswith(
        "https://api.weixin"
    ):
        return [
            Complaint(
                f"对外地址是 {url}，微信和关注者都访问不到。", "设置 OUTREACH_PUBLIC_URL 为外网可访问的地址。"
            )
        ]
    return []


def _unreachable(office: Office, platform: ChannelName, reason: str) -> Complaint:
    where = f"{CHANNEL_LABELS[platform]}接口 {office.channels.address_of(platform)}"
    return Complaint(f"连不上{where}（{reason}）。", _HOW_TO_REACH.get(reason, _NO_WAY))


CHECKS: Final = (
    Check("accounts", "平台账号", _accounts),
    Check("platforms", "平台连通", _platforms),
    Check("public_url", "对外地址", _public_url),
)
