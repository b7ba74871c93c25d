"""What an account needs to be allowed to do, right by right, before it is used for the first time."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from outreach.channels.protocol import ChannelError


class RightState(StrEnum):
    """What is known of a right. NOT_ASKED: the platform could not be asked, or has no call for it; that is no fault
    of the account's."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASKED = "not_asked"


RIGHT_STATE_LABELS: Final[Mapping[RightState, str]] = {
    RightState.PASSED: "通过",
    RightState.FAILED: "不通过",
    RightState.NOT_APPLICABLE: "不适用",
    RightState.NOT_ASKED: "未检查",
}


class RightName(StrEnum):
    """The rights, those of WeChat first, each platform's in the order in which they are needed."""

    ACCESS = "access"
    IP_LIST = "ip_list"
    DRAFTS = "drafts"
    PUBLISHING = "publishing"
    MASS_SENDING = "mass_sending"
    TEMPLATES = "templates"
    CALLBACK = "callback"
    AUTHORISATION = "authorisation"
    TIMELINE = "timeline"
    RIP = "rip"
    SECURITY_DOMAIN = "security_domain"


RIGHT_LABELS: Final[Mapping[RightName, str]] = {
    RightName.ACCESS: "访问令牌（access_token）",
    RightName.IP_LIST: "IP 白名单",
    RightName.DRAFTS: "草稿箱",
    RightName.PUBLISHING: "发布",
    RightName.MASS_SENDING: "群发",
    RightName.TEMPLATES: "模板消息",
    RightName.CALLBACK: "服务器配置（回调）",
    RightName.AUTHORISATION: "授权",
    RightName.TIMELINE: "读取微博",
    RightName.RIP: "本单位公网 IP",
    RightName.SECURITY_DOMAIN: "安全域名",
}


@dataclass(frozen=True, slots=True)
class Right:
    """One right. `message` is Chinese: what was found, and what to do where something is to be done. `code` is the
    platform's, where it refused."""

    name: RightName
    state: RightState
    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class RightsFound:
    """What a check found. The first of `rights` is what all others rest on: where it passed, the platform answers.
    `authorised_until` (aware) is when the platform says that the authorisation ends, where there is one."""

    rights: tuple[Right, ...]
    authorised_until: datetime | None = None


def problem_of(rights: tuple[Right, ...]) -> str | None:
    """The first thing that is to be mended; None where nothing is."""
    return next((one.message for one in rights if one.state is RightState.FAILED), None)


async def asked(name: RightName, question: Awaitable[str]) -> Right:
    """The right that holds if `question` is answered; its answer is the message."""
    try:
        return Right(name, RightState.PASSED, await question)
    except ChannelError as error:
        return Right(name, RightState.FAILED, error.message, error.code)


def not_asked(names: tuple[RightName, ...], message: str) -> list[Right]:
    """Rights of which nothing is known for the same reason."""
    return [Right(name, RightState.NOT_ASKED, message) for name in names]
