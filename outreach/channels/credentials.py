"""What an account needs to speak to its platform, as it lies sealed in `Account.sealed_credentials`.

The models are the one place that knows it: what is typed is checked by them, and so is what is unsealed.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import NeedsOperator
from outreach.foundation.problems import FieldError
from outreach.foundation.seal import Sealer


def _aes_key(key: str) -> str:
    try:
        is_key = len(key) == 43 and len(base64.b64decode(key + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        is_key = False
    if not is_key:
        raise PydanticCustomError("aes_key", "消息加解密密钥应为公众平台给出的43个字符。")
    return key


def _text(value: Any) -> Any:
    """A number was typed without quotes and is meant as its digits. What is no text stays, to be refused."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _ip_address(text: str) -> str:
    ipaddress.ip_address(text)
    return text


Part = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=512)]


class _Credentials(BaseModel):
    """Text without blanks around it; an empty one is not given. `title` is what people call a part,
    `description` where they find it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: text for name, value in values.items() if (text := _text(value)) not in (None, "")}


class WeChatCredentials(_Credentials):
    """Of 公众平台 → 设置与开发 → 基本配置. `token` and `encoding_aes_key` belong to the server push; without
    a key the push is in plain mode."""

    appid: Part = Field(title="AppID", description="公众平台“设置与开发 → 基本配置”中的开发者 ID。")
    secret: Part = Field(
        title="AppSecret",
        description="公众平台只在重置时显示一次；请把本机公网 IP 加入 IP 白名单。",
        repr=False,
    )
    token: Part = Field(
        title="令牌（Token）", description="自定，须与公众平台“服务器配置”中填写的一致。", repr=False
    )
    encoding_aes_key: Annotated[str, AfterValidator(_aes_key)] | None = Field(
        None,
        title="消息加解密密钥（EncodingAESKey）",
        description="公众平台“服务器配置”给出的43个字符；服务器配置选“明文模式”的不填。",
        repr=False,
    )


class WeiboCredentials(_Credentials):
    """Of the app at open.weibo.com. `rip` is the public IP address of whoever publishes, which
    statuses/share asks for; `uid`, `access_token` and `expires_at` come with the authorisation."""

    app_key: Part = Field(title="App Key", description="微博开放平台“应用信息”中的 App Key。")
    app_secret: Part = Field(title="App Secret", description="微博开放平台“应用信息”中。", repr=False)
    rip: Annotated[str, AfterValidator(_ip_address)] = Field(
        title="本单位公网 IP", description="发微博的接口要求填报操作者的公网 IP。"
    )
    uid: Part | None = Field(None, title="微博用户编号")
    access_token: Part | None = Field(None, title="授权令牌", repr=False)
    expires_at: AwareDatetime | None = Field(None, title="授权到期时间")


MODELS: Final[Mapping[ChannelName, type[WeChatCredentials] | type[WeiboCredentials]]] = {
    ChannelName.WECHAT: WeChatCredentials,
    ChannelName.WEIBO: WeiboCredentials,
}
GRANTED: Final = frozenset({"uid", "access_token", "expires_at"})
"""What a platform grants by its authorisation; nobody types it into a form."""

Credentials = TypeVar("Credentials", WeChatCredentials, WeiboCredentials)


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One part that somebody types."""

    name: str
    label: str
    hint: str
    required: bool


def typed_fields(channel: ChannelName) -> list[CredentialField]:
    """What is to be typed for an account of `channel`, in the order of a form."""
    return [
        CredentialField(name, info.title or name, info.description or "", info.is_required())
        for name, info in MODELS[channel].model_fields.items()
        if name not in GRANTED
    ]


def field_errors(channel: ChannelName, error: ValidationError) -> list[FieldError]:
    """What pydantic found wrong, in Chinese and without what was typed, which is secret."""
    return [_field_error(channel, one) for one in error.errors(include_url=False, include_input=False)]


def open_credentials(sealer: Sealer, account: Account, kind: type[Credentials]) -> Credentials:
    """The credentials of `account`. Raises NeedsOperator where some are missing, WrongKey."""
    try:
        return kind.model_validate(sealer.open(account.sealed_credentials))
    except ValidationError as error:
        missing = "、".join(one.field for one in field_errors(account.channel, error))
        # The library's own text may quote what was typed, which is secret.
        raise NeedsOperator(
            f"账号“{account.name}”的凭据不完整（{missing}）。请管理员重新录入。", code="credentials"
        ) from None


def _field_error(channel: ChannelName, error: ErrorDetails) -> FieldError:
    name = str(error["loc"][0])
    info = MODELS[channel].model_fields.get(name)
    label = f"“{info.title}”（{name}）" if info else name
    match error["type"]:
        case "missing":
            return FieldError(name, f"缺少{label}。")
        case "extra_forbidden":
            return FieldError(name, f"不认识的凭据项 {name}。")
        case "aes_key":
            return FieldError(name, error["msg"])
        case _:
            return FieldError(name, f"{label}的格式不正确。")
