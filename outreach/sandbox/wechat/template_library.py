"""The public libraries out of which an account chooses its templates: a few that suit a bureau.

Keywords stand as `{shown name: field}`; a field's name begins with its type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A template of a library. One that is `lasting` (长期订阅) needs a consent once, the others each time."""

    title: str
    keywords: Mapping[str, str]
    lasting: bool = False


# 类目模板: chosen by number together with the keywords that are wanted.
CATEGORY: Final[Mapping[str, Entry]] = {
    "43216": Entry("环境信息公开通知", {"事项名称": "thing1", "公开时间": "time2", "公开单位": "thing3"}),
    "46391": Entry(
        "空气质量预报提醒",
        {"地区": "thing1", "日期": "date2", "空气质量指数": "number3", "等级": "phrase4"},
    ),
    "47123": Entry(
        "活动报名结果通知",
        {"活动名称": "thing1", "活动时间": "time2", "活动地点": "thing3", "联系电话": "phone_number4"},
    ),
}
# 行业模板: any number of the form is in the library, all of the same shape.
_INDUSTRY: Final = re.compile(r"(?:OPENTM|TM)\d{3,}")
_OF_INDUSTRY: Final = Entry("信息公开通知", {"事项": "keyword1", "时间": "keyword2"})

# 订阅通知 of the category 环境保护, by tid; keywords are chosen by their place, from 1.
CATEGORY_ID: Final = 616
CATEGORY_NAME: Final = "环境保护"
NOTICES: Final[Mapping[str, Entry]] = {
    "2001": Entry(
        "环评公示通知",
        {"项目名称": "thing1", "公示日期": "date2", "建设单位": "thing3", "联系电话": "phone_number4"},
    ),
    "2002": Entry(
        "空气质量提醒",
        {"地区": "thing1", "日期": "date2", "空气质量指数": "number3", "等级": "phrase4", "提示": "thing5"},
        lasting=True,
    ),
    "2003": Entry("活动开始提醒", {"活动名称": "thing1", "开始时间": "time2", "活动地点": "thing3"}),
}


def of_industry(short_id: str) -> Entry | None:
    """The industry template of that number."""
    return _OF_INDUSTRY if _INDUSTRY.fullmatch(short_id) else None


def content(keywords: Mapping[str, str]) -> str:
    """The text of a template, as the platform shows it to its account."""
    return "\n".join(f"{name}:{{{{{field}.DATA}}}}" for name, field in keywords.items())
