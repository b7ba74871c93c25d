"""Accounts of persons on WeChat and QQ. Official accounts and groups for the public are none."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Detector, Span, words
from outreach.screening.severity import Severity

LABEL: Final = "social_account"

_ACCOUNT: Final = re.compile(
    r"(?<!官方)(?<!企业)(?<!工作)(?<!单位)(?:微信(?!公众|小程序|平台|群|公号|视频)|(?<![A-Za-z])(?:[qQ]{2}(?!群)|[vV][xX]|[wW][xX]|[wW]e[cC]hat))"
    r"(?:号码|号|帐号|账号|ID|id)?(?:\((?:个人|本人)\))?[ \u3000]{0,2}[:为是| ]{1,2}[ \u3000]{0,2}"
    r"(?P<account>[A-Za-z][A-Za-z0-9_-]{5,19}|[1-9][0-9]{5,10})(?![A-Za-z0-9_@.-])"
)
_SERVICES: Final = words("微信 QQ qq Qq VX vx Vx WX wx Wx WeChat wechat Wechat")
_OFFICIAL_ACCOUNT: Final = re.compile(r"(?:公众号|订阅号|服务号|官微|群)[^,。;\n]{0,8}$")


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """微信号:wang_lei88, QQ:123456789."""
    for start, _ in hits:
        found = _ACCOUNT.match(text, start)
        if found and not _OFFICIAL_ACCOUNT.search(text[max(0, start - 12) : start]):
            yield found.span("account")


DETECTORS: Final = (
    Detector(
        name="social_account",
        title="微信号、QQ号",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去个人微信号、QQ号，或改为办公电话、官方账号。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=_SERVICES,
        find=find,
    ),
)
