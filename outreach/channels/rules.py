"""What an account can do, and what its credentials must hold."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from outreach.channels.model import Account, AccountType, ChannelName
from outreach.foundation.problems import FieldError, InvalidContent

CHANNEL_LABELS: Final[Mapping[ChannelName, str]] = {
    ChannelName.WECHAT: "微信公众号",
    ChannelName.WEIBO: "微博",
}
TYPE_LABELS: Final[Mapping[AccountType, str]] = {
    AccountType.SUBSCRIPTION: "订阅号",
    AccountType.SERVICE: "服务号",
}

REQUIRED: Final[Mapping[ChannelName, tuple[str, ...]]] = {
    ChannelName.WECHAT: ("appid", "secret", "token", "encoding_aes_key"),
    ChannelName.WEIBO: ("app_key", "app_secret", "rip"),
}
OPTIONAL: Final[Mapping[ChannelName, tuple[str, ...]]] = {
    ChannelName.WECHAT: (),
    ChannelName.WEIBO: ("uid", "access_token", "expires_at"),
}
CREDENTIAL_LABELS: Final[Mapping[str, str]] = {
    "appid": "AppID",
    "secret": "AppSecret",
    "token": "令牌(Token)",
    "encoding_aes_key": "消息加解密密钥(EncodingAESKey)",
    "app_key": "App Key",
    "app_secret": "App Secret",
    "rip": "本单位公网IP(rip)",
    "uid": "微博用户ID(uid)",
    "access_token": "授权令牌",
    "expires_at": "授权到期时间",
}


def can_publish(account: Account) -> bool:
    """Whether a post reaches the public without a person pressing a button on the platform's own site.

    WeChat: freepublish is open to verified accounts only (platform's note of July 2025); Weibo: once it is
    authorised, which the sealed credentials tell and `verified` repeats.
    """
    return account.verified and account.active


def check_credentials(channel: ChannelName, credentials: Mapping[str, Any]) -> dict[str, str]:
    """The credentials, if nothing is missing or unknown. Raises InvalidContent naming each field."""
    known = {*REQUIRED[channel], *OPTIONAL[channel]}
    errors = [
        FieldError(name, f"缺少 {CREDENTIAL_LABELS[name]}({name})。")
        for name in REQUIRED[channel]
        if not str(credentials.get(name) or "").strip()
    ]
    errors += [FieldError(name, f"不认识的凭据项 {name}。") for name in credentials if name not in known]
    key = str(credentials.get("encoding_aes_key") or "")
    if channel is ChannelName.WECHAT and key and not _is_aes_key(key):
        errors.append(FieldError("encoding_aes_key", "消息加解密密钥应为公众平台给出的43个字符。"))
    if errors:
        raise InvalidContent(errors[0].message, errors=errors)
    return {name: str(value).strip() for name, value in credentials.items() if value is not None}


def _is_aes_key(key: str) -> bool:
    try:
        return len(key) == 43 and len(base64.b64decode(key + "=", validate=True)) == 32
    except binascii.Error:
        return False
