"""What can be asked for, and how it is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from outreach.foundation.problems import InvalidContent, invalid
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Kind

WITH_ENTERPRISE: Final = frozenset({Kind.EIA_NOTICE, Kind.PENALTY})
"""Of these kinds an enterprise can be watched."""

THRESHOLDS: Final[Mapping[int, str]] = {
    0: "每次发布",
    100: "轻度污染及以上",
    150: "中度污染及以上",
    200: "重度污染及以上",
    300: "严重污染",
}
"""The AQI above which somebody can ask to be told: the ends of the levels of HJ 633 from the second on."""

ENTERPRISE_LENGTH: Final = range(4, 61)
_ENTERPRISE: Final = re.compile(r"[\u3400-\u9fff0-9A-Za-z（）·&-]+")
_COMMON: Final = re.compile(
    r"有限责任公司|股份有限公司|有限公司|股份|集团|公司|内蒙古|(?:乌兰察布)市?|分公司|厂|中心|合作社"
)
_BRACKETS: Final = str.maketrans("()[]【】〔〕", "（）（）（）（）")


@dataclass(frozen=True, slots=True)
class Wish:
    """A topic as a follower asks for it. An empty county or enterprise is any; `aqi_above` 0 is every bulletin."""

    kind: Kind
    county: str = ""
    enterprise: str = ""
    aqi_above: int = 0


def checked(wish: Wish) -> Wish:
    """The wish with its enterprise written the one way. Raises InvalidContent where there is no such topic."""
    enterprise = written(wish.enterprise)
    if enterprise and wish.kind not in WITH_ENTERPRISE:
        raise invalid("enterprise", f"“{KIND_LABELS[wish.kind]}”不能按企业订阅。")
    if wish.aqi_above not in THRESHOLDS or (wish.aqi_above and wish.kind is not Kind.AIR_QUALITY):
        raise invalid("aqi_above", "请选择列出的空气质量级别。")
    if enterprise:
        _require_name(enterprise)
    return Wish(wish.kind, wish.county, enterprise, wish.aqi_above)


def written(enterprise: str) -> str:
    """A name as it is compared: without blanks, with full-width brackets."""
    return "".join(enterprise.split()).translate(_BRACKETS)


def name_of(wish: Wish) -> str:
    """What the topic is called: 集宁区空气质量（轻度污染及以上）."""
    if wish.enterprise:
        at = f"（{wish.county}）" if wish.county else ""
        return f"{wish.enterprise}{at}的{KIND_LABELS[wish.kind]}"
    above = f"（{THRESHOLDS[wish.aqi_above]}）" if wish.aqi_above else ""
    return f"{wish.county or '全市'}{KIND_LABELS[wish.kind]}{above}"


def over_limit(limit: int) -> InvalidContent:
    """What is said to somebody who asks for more topics than there are for one follower."""
    return InvalidContent(f"每人最多订阅 {limit} 项。请先退订不需要的，再订阅新的。")


def _require_name(enterprise: str) -> None:
    if len(enterprise) not in ENTERPRISE_LENGTH or not _ENTERPRISE.fullmatch(enterprise):
        raise invalid("enterprise", "请填写企业名称（4 至 60 个字，不含标点），全称最准确。")
    if len(_COMMON.sub("", enterprise)) < 2:
        raise invalid(
            "enterprise", "名称太笼统，会收到许多无关的通知。请填写企业名称中特有的几个字，例如字号。"
        )
