"""What an account needs to speak to its platform, as it lies sealed in `Account.sealed_credentials`."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outreach.channels.model import Account
from outreach.channels.protocol import NeedsOperator
from outreach.foundation.seal import Sealer


class WeChatCredentials(BaseModel):
    """Of 公众平台 → 设置与开发 → 基本配置. `token` and `encoding_aes_key` belong to the server push; without
    a key the push is in plain mode."""

    model_config = ConfigDict(frozen=True)

    appid: str = Field(min_length=1)
    secret: str = Field(min_length=1, repr=False)
    token: str = Field("", repr=False)
    encoding_aes_key: str | None = Field(None, repr=False)


class WeiboCredentials(BaseModel):
    """Of the app at open.weibo.com. `uid` and `access_token` come with the authorisation; `rip` is the
    public IP address of whoever publishes, which statuses/share asks for."""

    model_config = ConfigDict(frozen=True)

    app_key: str = Field(min_length=1)
    app_secret: str = Field(min_length=1, repr=False)
    uid: str | None = None
    access_token: str | None = Field(None, repr=False)
    rip: str | None = None


Credentials = TypeVar("Credentials", WeChatCredentials, WeiboCredentials)


def open_credentials(sealer: Sealer, account: Account, kind: type[Credentials]) -> Credentials:
    """The credentials of `account`. Raises NeedsOperator where some are missing, WrongKey."""
    try:
        return kind.model_validate(sealer.open(account.sealed_credentials))
    except ValidationError as error:
        missing = "、".join(str(part["loc"][0]) for part in error.errors())
        # The library's own text quotes what was typed, which is secret.
        raise NeedsOperator(
            f"账号“{account.name}”的凭据不完整（{missing}）。请管理员重新录入。", code="credentials"
        ) from None
