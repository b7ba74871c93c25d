"""Figures, and the posts behind them, as tables for Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.dates import moment
from outreach.items.importing.cells import protected
from outreach.items.labels import KIND_LABELS, ORIGIN_LABELS
from outreach.publishing.rules import STATE_LABELS
from outreach.statistics.comparison import known
from outreach.statistics.queries import MonthFigures, YearFigures, YearMonth
from outreach.statistics.queries.posts import CountedPost
from outreach.statistics.queries.year import Source
from outreach.statistics.year_channels import channels_of

HEADER: Final = ("渠道", "账号", "类别", "科室", "原创", "转载", "已撤回")
MOST_POSTS: Final = 50_000
"""So many posts go into one table."""

_TOTALS: Final = ("original", "repost", "withdrawn", "content_original", "content_repost")
_POST_HEADER: Final = (
    *("序号", "标题", "渠道", "账号", "类别", "科室", "来源类型", "发布时间", "状态"),
    *("平台链接", "发布件编号"),
)
_SOURCES: Final = {Source.OWN: "本系统", Source.IMPORTED: "导入", Source.MIXED: "部分导入", None: "没有数字"}


def month_lines(figures: MonthFigures) -> list[tuple[str, ...]]:
    """The header, a line a row, and the totals: by posts, and by contents."""
    rows = [
        (
            CHANNEL_LABELS[row.channel],
            row.account_name,
            KIND_LABELS[row.kind],
            row.section,
            str(row.original),
            str(row.repost),
            str(row.withdrawn),
        )
        for row in figures.rows
    ]
    totals = [str(number) for number in figures.total().values()]
    contents = (str(figures.content_original), str(figures.content_repost), "")
    return [
        HEADER,
        *rows,
        ("合计：发布件数（每个账号各计一次）", "", "", "", *totals),
        ("合计：内容数（同一信息只计一次）", "", "", "", *contents),
    ]


def year_lines(figures: YearFigures) -> list[tuple[str, ...]]:
    """The header, a line a month, and the year; what is not known is empty."""
    channels = channels_of(figures)
    header = [
        "月份",
        *(f"{label}：{origin}" for _, label in channels for origin in ("原创", "转载")),
        *("合计：原创", "合计：转载", "已撤回", "内容数：原创", "内容数：转载", "来源", "结账"),
    ]
    keys = [key for key, _ in channels]
    months = [(one.month, *_year_line(one, keys), "已结账" if one.closed else "") for one in figures.months]
    return [tuple(header), *months, ("全年", *_year_line(figures, keys), "")]


def post_lines(posts: Sequence[CountedPost], zone: ZoneInfo) -> list[tuple[str, ...]]:
    """The header, and a line a post; a sealed item has no title."""
    lines = [
        (
            str(number),
            post.title or "（已封存的信息）",
            CHANNEL_LABELS[post.channel],
            post.account,
            KIND_LABELS[post.kind],
            post.section,
            ORIGIN_LABELS[post.origin],
            moment(post.published_at, zone),
            STATE_LABELS[post.state],
            post.url or "",
            post.id,
        )
        for number, post in enumerate(posts, start=1)
    ]
    return [_POST_HEADER, *lines]


def month_csv(figures: MonthFigures) -> bytes:
    """A month as CSV."""
    return as_csv(month_lines(figures))


def year_csv(figures: YearFigures) -> bytes:
    """A year as CSV."""
    return as_csv(year_lines(figures))


def posts_csv(posts: Sequence[CountedPost], zone: ZoneInfo) -> bytes:
    """The posts behind a figure as CSV; times are those of `zone`."""
    return as_csv(post_lines(posts, zone))


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """CSV as Excel reads it: UTF-8 with a BOM; no cell is taken for a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([protected(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _year_line(figures: YearMonth | YearFigures, channels: Sequence[str]) -> list[str]:
    by_channel = [
        str(figures.by_channel[key][origin]) if key in figures.by_channel else ""
        for key in channels
        for origin in ("original", "repost")
    ]
    totals = [known(figures, name) for name in _TOTALS]
    texts = ["" if number is None else str(number) for number in totals]
    return [*by_channel, *texts, _SOURCES[figures.source]]
