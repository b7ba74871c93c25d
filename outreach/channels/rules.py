"""What an account can do, and what its credentials must hold."""

from __future__ import annotations

from collections.abc import Mapping
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


def can_publish(account: Account) -> bool:
    """Whether a post reaches the public without a person pressing a button on the platform's own site.

    WeChat: freepublish is open to verified accounts only (platform's note of July 2025); Weibo: once it is
    authorised, which the sealed credentials tell and `verified` repeats.
    """
    return account.verified and account.active


def check_credentials(channel: ChannelName, credentials: Mapping[str, Any]) -> dict[str, str]:
    """The credentials, if nothing is missing or unknown. Raises InvalidContent naming each field."""
    try:
        checked = MODELS[channel].model_validate(dict(credentials))
    except ValidationError as error:
        errors = field_errors(channel, error)
        raise InvalidContent(errors[0].message, errors=errors) from None
    return checked.model_dump(mode="json", exclude_none=True)
