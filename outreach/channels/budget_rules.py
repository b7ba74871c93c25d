"""What an account may do how often, as the platforms publish it, and what each of our doings costs of it. Pure.

Sources: WeChat's table of daily limits (接口调用频次限制说明), the pages of the mass calls,
open.weibo.com/wiki/Rate-limiting. An account's real numbers, as the platform tells them, stand above these.
Windows are those of China's calendar, wherever the service runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from outreach.channels.model import AccountType, ChannelName
from outreach.foundation.clock import SHANGHAI


class Window(StrEnum):
    """How long a budget holds; then it is renewed at once."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


WINDOW_LABELS: Final[Mapping[Window, str]] = {
    Window.MINUTE: "每分钟",
    Window.HOUR: "每小时",
    Window.DAY: "每天",
    Window.MONTH: "每月",
}


class Use(StrEnum):
    """What calls are made for."""

    RELEASE = "release"
    RESULT = "result"
    LOOK = "look"
    CHECK = "check"
    READING = "reading"
    COVER = "cover"
    CONTENT = "content"
    PUSH = "push"
    PREVIEW = "preview"
    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"
    CUSTOMER_MESSAGE = "customer_message"
    FOLLOWER_LIST = "follower_list"
    FOLLOWER_DETAILS = "follower_details"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be done `limit` times in a window; None: no number is published. A name that is a path counts
    the calls of that path."""

    name: str
    label: str
    window: Window
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """Takes one of `budget`. `yields`: it leaves a part of it to what needs it more."""

    budget: Budget
    yields: bool = False

    def kept(self, limit: int) -> int:
        """How many of `limit` are left to others."""
        return min(MOST_KEPT, max(1, limit // 10)) if self.yields else 0


MOST_KEPT: Final = 10
"""A tenth of Weibo's hundred calls a day: no share takes them, so that a status whose answer was lost can always be
looked for. One outstanding share at a time takes one look as a rule, and a few more while the timeline can't be
read."""

READ_EVERY: Final[Mapping[ChannelName, timedelta]] = {
    ChannelName.WECHAT: timedelta(hours=1),
    ChannelName.WEIBO: timedelta(days=1),
}
"""How often the platform is asked for its own limits and count: calls that others make with the same account are in
it. On Weibo the question is one of the hundred calls itself."""

ANSWERS: Final = Budget("answers", "平台限流", Window.DAY)
"""Counts nothing: here stands until when the platform itself said that it wants no more."""

DRAFTS: Final = Budget("/cgi-bin/draft/add", "保存草稿", Window.DAY)
SUBMITS: Final = Budget("/cgi-bin/freepublish/submit", "提交发布", Window.DAY)
RESULTS: Final = Budget("/cgi-bin/freepublish/get", "查询发布结果", Window.DAY)
ARTICLES: Final = Budget("/cgi-bin/freepublish/batchget", "核对已发布文章", Window.DAY)
COVERS: Final = Budget("/cgi-bin/material/add_material", "上传封面", Window.DAY, 5000)
PICTURES: Final = Budget("/cgi-bin/media/uploadimg", "上传正文图片", Window.DAY, 5000)
MASS_SENDALL: Final = Budget("/cgi-bin/message/mass/sendall", "群发接口", Window.DAY, 100)
MASS_PREVIEWS: Final = Budget("/cgi-bin/message/mass/preview", "群发预览", Window.DAY, 100)
MASS_CALLS: Final = Budget("mass_calls", "群发类接口", Window.MINUTE, 60)
TEMPLATES: Final = Budget("/cgi-bin/message/template/send", "发模板消息", Window.DAY, 100_000)
SUBSCRIPTIONS: Final = Budget("/cgi-bin/message/subscribe/bizsend", "发订阅通知", Window.DAY)
CUSTOMER_MESSAGES: Final = Budget("/cgi-bin/message/custom/send", "客服消息", Window.DAY, 500_000)
FOLLOWER_LISTS: Final = Budget("/cgi-bin/user/get", "关注者列表", Window.DAY, 500)
FOLLOWER_DETAILS: Final = Budget("/cgi-bin/user/info/batchget", "关注者信息", Window.DAY)
FIGURES: Final = Budget("/datacube/getarticletotaldetail", "文章统计数据", Window.DAY)
CALLS: Final = Budget("calls", "接口调用", Window.DAY, 100)
STATUSES: Final = Budget("statuses", "发微博", Window.HOUR, 30)

NEEDS: Final[Mapping[tuple[ChannelName, Use], tuple[Need, ...]]] = {
    (ChannelName.WECHAT, Use.RELEASE): (Need(ANSWERS), Need(DRAFTS), Need(SUBMITS)),
    (ChannelName.WECHAT, Use.RESULT): (Need(RESULTS),),
    (ChannelName.WECHAT, Use.LOOK): (Need(ARTICLES),),
    (ChannelName.WECHAT, Use.CHECK): (Need(ARTICLES),),
    (ChannelName.WECHAT, Use.READING): (),
    (ChannelName.WECHAT, Use.COVER): (Need(COVERS),),
    (ChannelName.WECHAT, Use.CONTENT): (Need(PICTURES),),
    (ChannelName.WECHAT, Use.PUSH): (Need(MASS_CALLS), Need(MASS_SENDALL)),
    (ChannelName.WECHAT, Use.PREVIEW): (Need(MASS_PREVIEWS),),
    (ChannelName.WECHAT, Use.TEMPLATE): (Need(TEMPLATES),),
    (ChannelName.WECHAT, Use.SUBSCRIPTION): (Need(SUBSCRIPTIONS),),
    (ChannelName.WECHAT, Use.CUSTOMER_MESSAGE): (Need(CUSTOMER_MESSAGES),),
    (ChannelName.WECHAT, Use.FOLLOWER_LIST): (Need(FOLLOWER_LISTS),),
    (ChannelName.WECHAT, Use.FOLLOWER_DETAILS): (Need(FOLLOWER_DETAILS),),
    (ChannelName.WECHAT, Use.FIGURES): (Need(FIGURES),),
    (ChannelName.WEIBO, Use.RELEASE): (Need(ANSWERS), Need(CALLS, yields=True), Need(STATUSES)),
    (ChannelName.WEIBO, Use.LOOK): (Need(CALLS),),
    (ChannelName.WEIBO, Use.READING): (Need(CALLS, yields=True),),
    (ChannelName.WEIBO, Use.CHECK): (Need(CALLS, yields=True),),
}
"""What one doing takes. A platform that is not asked for results has no RESULT."""


def budgets_of(channel: ChannelName, type_: AccountType | None) -> list[Budget]:
    """The budgets of an account that its page shows, in the order of `NEEDS`."""
    others = _NOT_OF.get(type_, frozenset()) if type_ else frozenset()
    needed = (need.budget for (of, _), needs in NEEDS.items() if of is channel for need in needs)
    return [budget for budget in dict.fromkeys(needed) if budget is not ANSWERS and budget not in others]


_NOT_OF: Final[Mapping[AccountType, frozenset[Budget]]] = {AccountType.SUBSCRIPTION: frozenset({TEMPLATES})}


def begin_of(window: Window, moment: datetime) -> datetime:
    """When the window began that `moment` lies in, in UTC."""
    local = moment.astimezone(SHANGHAI).replace(second=0, microsecond=0)
    if window is not Window.MINUTE:
        local = local.replace(minute=0)
    if window in {Window.DAY, Window.MONTH}:
        local = local.replace(hour=0)
    if window is Window.MONTH:
        local = local.replace(day=1)
    return local.astimezone(UTC)


def end_of(window: Window, moment: datetime) -> datetime:
    """When the window ends that `moment` lies in and the budget is renewed, in UTC."""
    begin = begin_of(window, moment)
    match window:
        case Window.MINUTE:
            return begin + timedelta(minutes=1)
        case Window.HOUR:
            return begin + timedelta(hours=1)
        case Window.DAY:
            return begin + timedelta(days=1)
        case Window.MONTH:
            return begin_of(window, begin + timedelta(days=32))
