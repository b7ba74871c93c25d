"""What counts, and in which month. All counting rules stand here; `COUNTING_RULES` says them to the users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from outreach.foundation.problems import NotPossible, invalid
from outreach.statistics.model import Measure

FIRST_YEAR: Final = 2000

COUNTING_RULES: Final[Sequence[tuple[str, str]]] = (
    (
        "发布件数",
        "一条信息在一个账号上发布一次计一件；同时发到两个账号（包括同一平台的两个账号）的，计两件。"
        "重试后成功的只计一件。",
    ),
    ("内容数", "一条信息无论发到几个账号，只计一次，计入最先确认发布的那一件所在的月份。"),
    ("多图文推送", "群发推送中的每一篇文章计一件；“其中随推送发出”另列，已包含在发布件数中。"),
    (
        "月份和年份",
        "按北京时间的自然月、自然年，以平台给出的发布时间为准；平台没有给出的，按确认发布的时间；"
        "人工确认的，按填写的发布时间。全年数是十二个月之和。",
    ),
    ("已撤回", "撤回的发布件仍计入原来的月份，并在“已撤回”栏另外列出，不从件数中减去。"),
    ("更正", "更正信息是一条新的信息：计发布件数，不另计内容数。"),
    (
        "原创和转载",
        "以本单位登记的来源类型为准，与微信的“原创”标志无关：本单位及所属分局制作或首次汇编的为原创；"
        "注明转载来源的为转载。",
    ),
    (
        "公开时限",
        "只计本单位原创的内容，每条信息计一次，计入首次发布的月份；转载不计。“用时”是从信息形成之日到首次发布之日的自然日数"
        "（北京时间，当天发布为 0 天）；首次发布之日不晚于法定公开期限（自形成或者变更之日起 20 个工作日，行政处罚自作出决定之日起 "
        "7 个工作日，法律法规另有规定的从其规定）的为按期。按期率＝按期条数÷内容数。后来撤回的仍计。",
    ),
    (
        "结账",
        "结账后的月份，各项数字保持结账时的原样；以后的变动（如平台迟到的发布结果、撤回）逐条列为“结账后变动”，"
        "注明原因。年度报告使用“结账数＋结账后变动”。",
    ),
    (
        "导入的数字",
        "本系统第一件发布之前的月份可以导入历史数字，注明来源，并标为“导入”；从第一件发布的月份起，以本系统的计数为准。"
        "只有全年数、没有各月数的，仅用于整年都在启用之前的年份。",
    ),
)
"""Each rule: what it is about, and how it is counted (Chinese)."""

MEASURE_LABELS: Final[Mapping[Measure, str]] = {
    Measure.POSTS: "发布件",
    Measure.WITHDRAWN: "已撤回",
    Measure.CONTENTS: "内容",
    Measure.ARTICLES: "随推送发出的文章",
    Measure.REVIEWS: "审查决定",
    Measure.REFUSALS: "不予公开",
    Measure.NOTICES: "通知",
}


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    """The calendar month `YYYY-MM` of an aware time in `zone`."""
    return f"{moment.astimezone(zone):%Y-%m}"


def bounds_of(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of the month `YYYY-MM` in `zone`, and that of the next one (aware)."""
    return _midnight(_first_of(month), zone), _midnight(_first_of(neighbour(month, 1)), zone)


def neighbour(month: str, step: int) -> str:
    """The month `step` months after `month` (before it, where negative)."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + step, 12)
    return f"{year:04}-{number + 1:02}"


def months_of(year: int) -> list[str]:
    """The twelve months of a year, in their order."""
    return [f"{year:04}-{number:02}" for number in range(1, 13)]


def months_in_period(period: str) -> list[str]:
    """The months of a period: of a year `YYYY` all twelve, of a month `YYYY-MM` itself."""
    return months_of(int(period)) if len(period) == 4 else [period]


def period_bounds(period: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of the month `YYYY-MM` or the year `YYYY` in `zone`, and the first one after it (aware)."""
    months = months_in_period(period)
    return bounds_of(months[0], zone)[0], bounds_of(months[-1], zone)[1]


def period_label(period: str) -> str:
    """`2026-10` as 2026年10月, `2026` as 2026年."""
    return f"{period}年" if len(period) == 4 else month_label(period)


def check_month(text: str) -> str:
    """`text` where it is a month `YYYY-MM`. Raises InvalidContent."""
    try:
        if len(text) == 7 and text.isascii() and _first_of(text).year >= FIRST_YEAR:
            return text
    except ValueError:
        pass
    raise invalid("month", f"“{text}”不是月份。请写成四位年份和两位月份，例如 2026-10。")


def check_year(text: str) -> int:
    """The year that `text` writes with four digits. Raises InvalidContent."""
    if len(text) == 4 and text.isascii() and text.isdigit() and int(text) >= FIRST_YEAR:
        return int(text)
    raise invalid("year", f"“{text}”不是年份。请写四位年份，例如 2026。")


def require_over(month: str, now: datetime, zone: ZoneInfo) -> None:
    """Only a month that has ended can be closed. Raises NotPossible."""
    if month >= month_of(now, zone):
        raise NotPossible(f"{month_label(month)}还没有结束，不能结账。")


def month_label(month: str) -> str:
    """`2026-10` as 2026年10月."""
    return f"{month[:4]}年{int(month[5:])}月"


def _first_of(month: str) -> date:
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=ZoneInfo("UTC")).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
