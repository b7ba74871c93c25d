"""The monthly bulletin (统计月报) as a Word file: the month's figures, held against others, with a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from docx.shared import Mm

from outreach.foundation.dates import day, moment
from outreach.items.labels import KIND_LABELS
from outreach.statistics.chart import draw_chart, month_chart
from outreach.statistics.comparison import Compared, compare_month
from outreach.statistics.groups import GROUPS, grouped
from outreach.statistics.paper import Block, Paper
from outreach.statistics.queries import Correction, MonthRow
from outreach.statistics.queries.timeliness import Timeliness
from outreach.statistics.queries.whole import WholeMonth
from outreach.statistics.queries.year import Source
from outreach.statistics.rules import COUNTING_RULES, month_label

_TOLD: Final = ("发布件数", "内容数", "月份和年份", "已撤回", "更正", "原创和转载", "公开时限")
"""The counting rules that a bulletin repeats."""


@dataclass(frozen=True, slots=True)
class WrittenBulletin:
    """The Word file, and what is printed in it."""

    file: bytes
    blocks: list[Block]


def write_bulletin(
    month: WholeMonth, bureau: str, zone: ZoneInfo, at: datetime, *, corrects: bool = False
) -> WrittenBulletin:
    """The bulletin of a month by `bureau`, made `at` (aware); `corrects` one that went out before. To be called off the
    event loop."""
    paper = Paper()
    label = month_label(month.figures.month)
    compared = compare_month(month.figures, month.beside)
    paper.title(f"{bureau}政务公开发布统计月报", f"（{label}{'，更正版' if corrects else ''}）")
    paper.heading("总体情况")
    paper.paragraph(_summary(month, compared, label))
    paper.table(("项目", "本月", "上月", "增减", "上年同月", "增减"), [_compared(one) for one in compared])
    if rows := month.figures.rows:
        paper.heading("各渠道、各类别发布情况")
        described = "各类别、各渠道的原创和转载发布件数，数字见下表"
        paper.picture(draw_chart(month_chart(rows)), "各类别发布件数（件）", described)
        for name in ("channel", "account", "kind"):
            _group(paper, rows, name)
        paper.heading("各科室发布情况")
        _group(paper, rows, "section")
    if month.timeliness:
        paper.heading("公开时限")
        _timeliness(paper, month.timeliness)
    if month.figures.corrections:
        paper.heading("结账后变动")
        _corrections(paper, month.figures.corrections, zone)
    paper.heading("统计口径")
    for name, text in COUNTING_RULES:
        if name in _TOLD:
            paper.paragraph(f"{name}：{text}")
    paper.signature(bureau, day(at, zone))
    return WrittenBulletin(paper.save(), paper.blocks)


def _summary(month: WholeMonth, compared: Sequence[Compared], label: str) -> str:
    numbers = {one.key: one for one in compared}
    original, repost = numbers["original"], numbers["repost"]
    if original.number is None or repost.number is None:
        return f"{label}没有可用的数字。"
    told = f"{label}共发布 {original.number + repost.number} 件，其中原创 {original.number} 件、转载 {repost.number} 件"
    contents = [numbers[f"content_{one}"].number for one in ("original", "repost")]
    if None not in contents:
        told += f"，涉及信息 {sum(one for one in contents if one is not None)} 条"
    for place, name in enumerate(("上月", "上年同月")):
        before = [one.earlier[place] for one in (original, repost)]
        if None not in before:
            number = sum(one for one in before if one is not None)
            told += f"；{name} {number} 件，{_difference(original.number + repost.number - number)}"
    told += "。"
    if month.figures.closed is None:
        told += "本月尚未结账，数字可能变动。"
    if month.beside.month.source is Source.IMPORTED and month.beside.imported:
        told += f"本月数字为导入的历史数字，来源：{'；'.join(month.beside.imported.sources)}。"
    return told


def _difference(change: int) -> str:
    return f"增加 {change} 件" if change > 0 else f"减少 {-change} 件" if change else "持平"


def _compared(one: Compared) -> tuple[str, ...]:
    numbers = [_told(one.number)]
    for place, before in enumerate(one.earlier):
        numbers += [_told(before), one.change(place)]
    return (one.label, *numbers)


def _group(paper: Paper, rows: Sequence[MonthRow], name: str) -> None:
    lines = [
        (one.label, str(one.original), str(one.repost), str(one.withdrawn)) for one in grouped(rows, name)
    ]
    paper.table((GROUPS[name], "原创", "转载", "已撤回"), lines)


def _timeliness(paper: Paper, times: Sequence[Timeliness]) -> None:
    whole = times[-1]
    paper.paragraph(
        f"首次公开的原创内容 {whole.contents} 条，按期 {whole.on_time} 条，按期率 {whole.rate}%，"
        f"从形成到公开平均 {whole.average} 天。"
    )
    lines = [
        (
            one.section or "合计",
            *(str(one.contents), str(one.on_time), str(one.late), f"{one.rate}%", str(one.average)),
        )
        for one in times
    ]
    paper.table(("科室", "原创内容", "按期", "逾期", "按期率", "平均用时（天）"), lines)


def _corrections(paper: Paper, corrections: Sequence[Correction], zone: ZoneInfo) -> None:
    lines = [
        (
            moment(one.at, zone),
            "，".join(part for part in (one.account_name, KIND_LABELS[one.kind], one.section) if part),
            _change(one),
            one.reason,
        )
        for one in corrections
    ]
    widths = (Mm(40), Mm(56), Mm(28), Mm(32))
    paper.table(("登记时间", "账号、类别、科室", "变动", "原因"), lines, widths)


def _change(one: Correction) -> str:
    named = (
        ("原创", one.original),
        ("转载", one.repost),
        ("已撤回", one.withdrawn),
        ("内容数", one.contents),
    )
    return "，".join(f"{label} {number:+d}" for label, number in named if number)


def _told(number: int | None) -> str:
    return "—" if number is None else str(number)
