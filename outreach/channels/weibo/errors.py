"""What Weibo's error codes mean, and who acts.

Sources: open.weibo.com/wiki/Error_code, the error table of Oauth2, and wiki/Rate-limiting. The rule for a
code that stands in no table: the platform has answered and not done it, so an operator reads what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from outreach.channels.budget_rules import Window, end_of
from outreach.channels.protocol import (
    ChannelError,
    NeedsOperator,
    NotSent,
    OutcomeUnknown,
    QuotaSpent,
    Refused,
)
from outreach.foundation import clock

REPEATED: Final = frozenset({20017, 20019, 20111})
"""Weibo holds the text to be one that is there already."""

SAID_TO_BE_THERE: Final = frozenset(str(code) for code in REPEATED)
DONE_BUT_SLOW: Final = "20032"
"""The same as the codes of an error: what an earlier answer said of a status that can't be seen."""

_UNCLEAR_IN_SHARE: Final = frozenset({10001, 10002, 10003, 10009, 10010, 10011, 20014})
_BAD_PARAMETER: Final = 10017
_TOO_OFTEN: Final = 20016
_HOUR_S: Final = 3600.0
_WINDOWS: Final[Mapping[int, Window]] = {10022: Window.HOUR, 10023: Window.DAY, 10024: Window.HOUR}


@dataclass(frozen=True, slots=True)
class Meaning:
    """`kind` says what to do next, `sentence` tells it to the user."""

    kind: type[ChannelError]
    sentence: str


_BUSY = Meaning(NotSent, "微博系统繁忙，这一步没有办成，稍后自动重试。")
_AUTHORISE = "请管理员在“账号”中重新授权。"
_RIGHTS = Meaning(NeedsOperator, "微博应用没有此接口的权限。请管理员在微博开放平台为应用申请权限。")
_BUG = Meaning(NeedsOperator, "发给微博的请求有误，这是程序缺陷，请联系系统维护人员。")
_EXPIRED = Meaning(NeedsOperator, f"微博授权已失效。{_AUTHORISE}")
_HOURLY = Meaning(QuotaSpent, "微博接口这一小时的调用次数已到上限，下一个整点自动继续。")
_SAME = Meaning(Refused, "微博认为内容与已发布的微博重复。请核对该账号的微博；确需再发的，请修改文字。")
_LONG = Meaning(Refused, "微博文字过长（上限 140 字）。请缩短文字。")
_PICTURE = Meaning(Refused, "图片不符合微博要求（JPG、PNG 或 GIF，小于 5 MB）。请更换图片。")

MEANINGS: Final[Mapping[int, Meaning]] = {
    **dict.fromkeys((10001, 10002, 10003, 10009, 10010, 10011), _BUSY),
    **dict.fromkeys((10004, 20022), Meaning(NeedsOperator, "微博限制了服务器的 IP。请管理员检查出口 IP。")),
    **dict.fromkeys((10005, 10014), _RIGHTS),
    **dict.fromkeys((10006, 10007, 10008, 10012, 10016, 10017, 10020, 10021, 20109, 21305), _BUG),
    10013: Meaning(NeedsOperator, f"微博用户无效。{_AUTHORISE}"),
    10018: Meaning(Refused, "内容过大。请更换较小的图片。"),
    **dict.fromkeys((20005, 20006, 20007), _PICTURE),
    **dict.fromkeys((10022, 10024), _HOURLY),
    10023: Meaning(QuotaSpent, "微博接口今天的调用次数已到上限，次日零点自动继续。"),
    _TOO_OFTEN: Meaning(QuotaSpent, "发微博过于频繁，一小时后自动继续。"),
    20003: Meaning(NeedsOperator, f"微博用户不存在。{_AUTHORISE}"),
    20008: Meaning(Refused, "微博文字为空。请填写文字。"),
    **dict.fromkeys((20012, 20013, 20049), _LONG),
    20014: Meaning(NotSent, "微博安全检查要求再试一次，稍后自动重试。"),
    20015: Meaning(NeedsOperator, "微博判定账号、IP 或应用异常。请管理员登录微博查看并处理。"),
    **dict.fromkeys(REPEATED, _SAME),
    20018: Meaning(Refused, "微博认为内容含有不允许的网址。请修改链接。"),
    20020: Meaning(Refused, "微博认为内容含有广告。请修改文字。"),
    20021: Meaning(Refused, "微博认为内容含有不允许的文字。请修改文字。"),
    20031: Meaning(NeedsOperator, "微博要求输入验证码。请管理员登录微博完成验证。"),
    int(DONE_BUT_SLOW): Meaning(
        OutcomeUnknown, "微博称已发布成功，但一两分钟后才能看到，需要核对，切勿重发。"
    ),
    20101: Meaning(Refused, "微博不存在，可能已被删除。"),
    20102: Meaning(Refused, "该微博不属于此账号。"),
    21301: Meaning(NeedsOperator, f"微博认证失败。{_AUTHORISE}"),
    21302: Meaning(NeedsOperator, f"微博认证失败。{_AUTHORISE}"),
    **dict.fromkeys((21314, 21315, 21316, 21317, 21319, 21327, 21332), _EXPIRED),
    21320: Meaning(NeedsOperator, "微博授权须使用 HTTPS。请管理员检查接口地址。"),
    21321: Meaning(NeedsOperator, "应用未通过审核，授权用户数已到上限。请管理员在微博开放平台提交审核。"),
    21322: Meaning(NeedsOperator, "授权回调地址与应用中登记的不一致。请管理员在微博开放平台核对。"),
    21325: Meaning(NeedsOperator, f"授权码无效或已使用。{_AUTHORISE}"),
}

_NO_DOMAIN: Final = Meaning(
    NeedsOperator, "微博文字中没有应用“安全域名”下的链接。请管理员在微博开放平台登记本系统的域名。"
)
_UNCLEAR: Final = Meaning(
    OutcomeUnknown, "微博在发布时答复系统异常，可能已经发出，需要核对后再决定是否重发。"
)
_PERHAPS_THERE: Final = Meaning(OutcomeUnknown, "微博称内容重复，上一次可能已经发出，需要核对。")


def error_for(code: int, error: str) -> ChannelError:
    """`code` as the error to raise; `error` is Weibo's own text."""
    meaning = MEANINGS.get(code)
    if code == _BAD_PARAMETER and "domain" in error:
        meaning = _NO_DOMAIN
    return _raised(meaning, code, error)


def share_error_for(code: int, error: str, *, resumed: bool) -> ChannelError:
    """The same for statuses/share, where 'busy' may hide that it was done, and where after an earlier try
    (`resumed`) 'repeated' may say that that one got through."""
    if code in _UNCLEAR_IN_SHARE:
        return _raised(_UNCLEAR, code, error)
    if code in REPEATED and resumed:
        return _raised(_PERHAPS_THERE, code, error)
    return error_for(code, error)


def _raised(meaning: Meaning | None, code: int, error: str) -> ChannelError:
    if meaning is None:
        return NeedsOperator(f"微博返回了未收录的错误，请管理员查看：{code} {error}", code=str(code))
    return meaning.kind(
        f"{meaning.sentence}（微博返回 {code}：{error}）", code=str(code), retry_after_s=_wait_s(code)
    )


def _wait_s(code: int) -> float | None:
    """Seconds until the window opens: of the address and of statuses/share the hour, of the user the day."""
    now = clock.now()
    if code in _WINDOWS:
        return (end_of(_WINDOWS[code], now) - now).total_seconds()
    return _HOUR_S if code == _TOO_OFTEN else None
