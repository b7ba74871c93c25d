"""Which house texts there are. What ships stands in templates/replies/KEY.txt and is approved as it ships.

A text may have places, `{topics}`, that are filled when it is used; which ones stands here. To add a text: a file and
a line below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from outreach.foundation.templates import templates_folder

REPLY_BYTES: Final = 2048
"""The most that a text answer may have in UTF-8, filled (被动回复文本消息; contract sheet, section 2)."""

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Kind:
    """A text of the house. `use` says when followers see it; `places` are what it must and may contain; `most_bytes`
    leaves room for what fills them."""

    label: str
    use: str
    places: frozenset[str] = frozenset()
    most_bytes: int = 1200


MENU: Final = "menu"
PRIVACY: Final = "privacy"
ANSWER_PREFIX: Final = "answer."
SURVEY_PREFIX: Final = "survey."

CATALOGUE: Final[Mapping[str, Kind]] = {
    PRIVACY: Kind(
        "个人信息处理告知",
        "第一次订阅前给关注者看，同意后才能订阅；修改后，关注者下次订阅前要重新同意",
        frozenset({"bureau", "contact", "days", "message_days"}),
        1500,
    ),
    MENU: Kind("公众号菜单", "公众号对话框下方的菜单，审核通过后在“公众号菜单”发布", most_bytes=4000),
    "help": Kind("使用帮助", "关注者回复“帮助”，或点菜单“使用帮助”", frozenset({"bureau"}), 1500),
    "unknown": Kind("没有看懂", "关注者发来的文字没有看懂"),
    "report": Kind("反映污染问题", "关注者的话像是反映污染问题，又没有别的回答"),
    "how_to_subscribe": Kind("怎样订阅", "关注者只回复“订阅”"),
    "subscribed": Kind("订阅成功", "订阅以后", frozenset({"topics"}), 600),
    "subscribed_before": Kind("已经订阅过", "再次订阅同样的内容", frozenset({"topics"}), 600),
    "consent": Kind("请求同意", "第一次订阅时，附在个人信息处理告知后面", frozenset({"words"}), 300),
    "consented": Kind("已经同意", "关注者回复“同意”"),
    "mine": Kind("我的订阅", "关注者回复“我的订阅”或“退订”", frozenset({"topics"}), 600),
    "none": Kind("没有订阅", "还没有订阅的关注者回复“我的订阅”或“退订”"),
    "unsubscribed": Kind("退订成功", "退订以后", frozenset({"topics"}), 600),
    "unsubscribed_all": Kind("全部退订", "关注者回复“退订 全部”"),
    "not_subscribed": Kind("退订不到", "关注者退订没有订阅的内容", frozenset({"topics"}), 600),
    "nothing": Kind("没有查到", "查询的类别目前没有公开的信息", frozenset({"what"}), 600),
    "my_data": Kind("我的数据", "关注者回复“我的数据”，本账号有网页订阅时", frozenset({"link"}), 600),
    "my_data_by_words": Kind("我的数据（没有网页时）", "关注者回复“我的数据”", frozenset({"topics"}), 600),
    "erased": Kind("已经删除", "关注者回复“删除我的数据”"),
}


@cache
def shipped(key: str) -> str:
    """The text of that key as it ships."""
    return (templates_folder() / "replies" / f"{key}.txt").read_text(encoding="utf-8").strip()


def kind_of(key: str) -> Kind | None:
    """What the text of that key is; None where there is no such text."""
    if key.startswith(ANSWER_PREFIX):
        return Kind("编辑拟的回答", "关注者的话与所列问法相同", most_bytes=1900)
    if key.startswith(SURVEY_PREFIX):
        return Kind("测评问卷", "审核通过后，在“统计 → 测评问卷”开放", most_bytes=8000)
    return CATALOGUE.get(key)


def places_in(content: str) -> frozenset[str]:
    """The places that a text has."""
    return frozenset(_PLACE.findall(content))


def filled(content: str, **values: str) -> str:
    """The text with its places filled; what is put in is not looked through for places again."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), content)
