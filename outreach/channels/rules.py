"""What an account can do, and what its credentials must hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from outreach.channels.credentials import MODELS, field_errors
from outreach.channels.model import Account, AccountType, ChannelName
from outreach.foundation.problems import InvalidContent

CHANNEL_LABELS: Final[Mapping[ChannelName, str]] = {
    ChannelName.WECHAT: "微信公众号",
    ChannelName.WEIBO: "微博",
}
TYPE_LABELS: Final[Mapping[AccountType, str]] = {
    AccountType.SUBSCRIPTION: "订阅号",
    AccountType.SERVICE: "服务号",
}

BY_HAND: Final[Mapping[ChannelName, str]] = {
    ChannelName.WECHAT: "这个公众号不能通过接口删除文章，请人工撤回：登录微信公众平台（mp.weixin.qq.com），"
    "在“发表记录”里找到这篇文章并删除，然后回到这里点“确认已撤回”。",
    ChannelName.WEIBO: "微博不向应用开放删除接口，请人工撤回：用这个账号登录微博，打开这条微博并删除，"
    "然后回到这里点“确认已撤回”。",
}
"""How a person takes down what the interface can't. Weibo closed statuses/destroy to ordinary apps on 2017-06-30 (error
10014); WeChat gave freepublish to verified accounts only in July 2025 (48001)."""


AUTHORISATION_TOLD_BEFORE: Final = timedelta(days=7)
"""How long before its end an authorisation is to be renewed: Weibo gives reviewed apps 7 to 30 days, and no refresh
token, so that a person has to do it."""


def is_authorisation_ending(account: Account, now: datetime) -> bool:
    """Whether the platform's authorisation ends within `AUTHORISATION_TOLD_BEFORE` of `now` (aware) or has ended."""
    if account.authorised_until is None or not account.active:
        return False
    return account.authorised_until <= now + AUTHORISATION_TOLD_BEFORE


def can_publish(account: Account) -> bool:
    """Whether a post reaches the public without a person pressing a button on the platform's own site.

    WeChat: freepublish is open to verified accounts only (platform's note of July 2025); Weibo: once it is
    authorised, which the sealed credentials tell and `verified` repeats.
    """
    return account.verified and account.active


def can_log_in(account: Account) -> bool:
    """Whether pages can know which follower opens them (网页授权): verified WeChat service accounts only."""
    return account.channel is ChannelName.WECHAT and account.type is AccountType.SERVICE and account.verified


def has_menu(account: Account) -> bool:
    """Whether the interface may change its menu: all WeChat accounts but unverified subscription accounts (48001)."""
    return account.channel is ChannelName.WECHAT and (account.verified or account.type is AccountType.SERVICE)


def can_withdraw(account: Account) -> bool:
    """Whether a published post can be taken down without a person doing it on the platform's own site."""
    return account.channel is ChannelName.WECHAT and account.verified


def check_credentials(channel: ChannelName, credentials: Mapping[str, Any]) -> dict[str, str]:
    """The credentials, if nothing is missing or unknown. Raises InvalidContent naming each field."""
    try:
        checked = MODELS[channel].model_validate(dict(credentials))
    except ValidationError as error:
        errors = field_errors(channel, error)
        raise InvalidContent(errors[0].message, errors=errors) from None
    return checked.model_dump(mode="json", exclude_none=True)
