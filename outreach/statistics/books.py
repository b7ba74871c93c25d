"""The workbooks of a month and of a year: one sheet a view, and how it is counted on the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from outreach.channels.rules import CHANNEL_LABELS
from outreach.foundation.dates import moment
from outreach.items.labels import KIND_LABELS, ORIGIN_LABELS
from outreach.statistics.comparison import Compared, compare_month, compare_year, known
from outreach.statistics.groups import GROUPS, grouped
from outreach.statistics.imported import ImportedNumber
from outreach.statistics.queries import Correction, MonthRow, YearFigures, YearMonth
from outreach.statistics.queries.acts import ActCount
from outreach.statistics.queries.timeliness import Timeliness
from outreach.statistics.queries.whole import WholeMonth, WholeYear
from outreach.statistics.queries.year import Source
from outreach.statistics.rules import COUNTING_RULES, month_label
from outreach.statistics.workbook import Cell, Column, Sum, View, number_column, write_book
from outreach.statistics.year_channels import channels_of

_COUNTED: Final = (number_column("原创"), number_column("转载"), number_column("已撤回"))
_SOURCES: Final[Mapping[Source | None, str]] = {
    Source.OWN: "本系统",
    Source.IMPORTED: "导入",
    Source.MIXED: "部分导入",
    None: "没有数字",
}


def month_book(month: WholeMonth, bureau: str, zone: ZoneInfo, at: datetime) -> bytes:
    """A month's figures as a workbook of `bureau`, taken out `at` (aware); of a closed one those of its closing."""
    figures, label = month.figures, f"{bureau}{month_label(month.figures.month)}"
    note = f"单位：件。导出时间：{moment(at, zone)}。"
    if figures.closed:
        note += f"{figures.closed.by_name}于 {moment(figures.closed.at, zone)} 结账，以下为结账时的数字。"
    contents: list[Cell] = ["内容数（同一信息只计一次）", "", "", ""]
    contents += [figures.content_original, figures.content_repost, None]
    views = [
        _details(figures.rows, f"{label}发布件数明细", note, [contents]),
        *_groups(figures.rows, label, note),
        _comparison(
            compare_month(figures, month.beside), f"{label}与上月、上年同月比较", note, ("上月", "上年同月")
        ),
    ]
    if month.beside.month.source is Source.IMPORTED and month.beside.imported:
        views.insert(0, _imported(month.beside.imported.rows, f"{label}导入的数字", note))
    views += _further(
        month.timeliness, month.acts, figures.corrections, label, f"导出时间：{moment(at, zone)}。", zone
    )
    return write_book(views)


def year_book(year: WholeYear, bureau: str, zone: ZoneInfo, at: datetime) -> bytes:
    """A year's figures as a workbook of `bureau`, taken out `at` (aware)."""
    figures, label = year.figures, f"{bureau}{year.figures.year}年"
    note = f"单位：件。导出时间：{moment(at, zone)}。结账的月份按结账数加结账后变动。"
    if figures.sources:
        note += f"导入的数字来自：{'；'.join(figures.sources)}。"
    note += "".join(figures.differences)
    views = [
        _months(figures, f"{label}各月发布件数", note),
        _details(figures.rows, f"{label}发布件数明细", note, []),
        *_groups(figures.rows, label, note),
        _comparison(compare_year(figures, year.before), f"{label}与上年比较", note, ("上年",)),
    ]
    views += _further(
        year.timeliness, year.acts, figures.corrections, label, f"导出时间：{moment(at, zone)}。", zone
    )
    return write_book(views)


def _details(rows: Sequence[MonthRow], title: str, note: str, below: Sequence[Sequence[Cell]]) -> View:
    columns = (Column("渠道", 14), Column("账号", 28), Column("类别"), Column("科室", 22), *_COUNTED)
    cells: list[list[Cell]] = [
        [CHANNEL_LABELS[row.channel], row.account_name, KIND_LABELS[row.kind], row.section, *_three(row)]
        for row in rows
    ]
    return View("明细", title, note, columns, cells, total="合计：发布件数", below=below)


def _groups(rows: Sequence[MonthRow], label: str, note: str) -> list[View]:
    return [
        View(
            f"按{heading}",
            f"{label}发布件数（按{heading}）",
            note,
            (Column(heading, 36), *_COUNTED),
            [[group.label, group.original, group.repost, group.withdrawn] for group in grouped(rows, name)],
            total="合计",
        )
        for name, heading in GROUPS.items()
    ]


def _comparison(compared: Sequence[Compared], title: str, note: str, earlier: Sequence[str]) -> View:
    columns = [Column("总数", 24), Column("本期", 12, is_number=True)]
    for name in earlier:
        columns += [Column(name, 12, is_number=True), Column("增减", 10)]
    rows: list[list[Cell]] = []
    for one in compared:
        row: list[Cell] = [one.label, one.number]
        for before in one.earlier:
            difference = None if one.number is None or before is None else one.number - before
            row += [before, difference]
        rows.append(row)
    return View("比较", title, note, columns, rows)


def _months(figures: YearFigures, title: str, note: str) -> View:
    channels = channels_of(figures)
    columns = [Column("月份", 12)]
    for _, label in channels:
        columns += [number_column(f"{label}\n原创"), number_column(f"{label}\n转载")]
    columns += [number_column(text) for text in ("合计\n原创", "合计\n转载", "已撤回", "内容数\n原创", "内容数\n转载")]  # fmt: skip
    columns += [Column("来源", 10), Column("结账", 10)]
    rows = [_month(one, [key for key, _ in channels]) for one in figures.months]
    if not figures.imported_year:
        return View("各月", title, note, columns, rows, total="全年")
    plain = [Column(one.header, one.width, one.is_number) for one in columns]
    return View(
        "各月", title, note, plain, rows, below=[_imported_year(figures, [key for key, _ in channels])]
    )


def _month(month: YearMonth, channels: Sequence[str]) -> list[Cell]:
    row: list[Cell] = [month_label(month.month)]
    for key in channels:
        numbers = month.by_channel.get(key)
        empty = 0 if month.source is Source.OWN else None
        row += [numbers["original"], numbers["repost"]] if numbers else [empty, empty]
    for offset, name in enumerate(("original", "repost"), start=1):
        number = known(month, name)
        places = [offset + 2 * place for place in range(len(channels))]
        row.append(Sum(places, number) if number is not None and places else number)
    row += [known(month, name) for name in ("withdrawn", "content_original", "content_repost")]
    return [*row, _SOURCES[month.source], "已结账" if month.closed else ""]


def _imported_year(figures: YearFigures, channels: Sequence[str]) -> list[Cell]:
    row: list[Cell] = ["全年（导入）"]
    for key in channels:
        numbers = figures.by_channel.get(key, {"original": 0, "repost": 0})
        row += [numbers["original"], numbers["repost"]]
    return [*row, figures.original, figures.repost, None, None, None, _SOURCES[figures.source], ""]


def _imported(rows: Sequence[ImportedNumber], title: str, note: str) -> View:
    columns = (
        *(Column("渠道", 16), Column("类别", 16), Column("来源类型")),
        *(Column("件数", 12, is_number=True), Column("来源", 48)),
    )
    labels = {str(key): label for key, label in CHANNEL_LABELS.items()}
    kinds = {str(key): label for key, label in KIND_LABELS.items()}
    cells: list[list[Cell]] = [
        [
            labels.get(one.channel, "不分渠道"),
            kinds.get(one.kind, "不分类别"),
            ORIGIN_LABELS[one.origin],
            one.posts,
            one.source,
        ]
        for one in rows
    ]
    return View("导入", title, note, columns, cells)


def _further(
    times: Sequence[Timeliness],
    acts: Sequence[ActCount],
    corrections: Sequence[Correction],
    label: str,
    note: str,
    zone: ZoneInfo,
) -> list[View]:
    views = [_timeliness(times, f"{label}公开时限", note)]
    if acts:
        columns = (Column("项目", 24), Column("分项", 36), Column("数量", 12, is_number=True))
        rows: list[list[Cell]] = [[one.measure, one.sort, one.number] for one in acts]
        views.append(View("其他计数", f"{label}其他计数", note, columns, rows))
    if corrections:
        views.append(_corrections(corrections, f"{label}结账后变动", note, zone))
    rules: list[list[Cell]] = [[name, text] for name, text in COUNTING_RULES]
    return [*views, View("口径", "统计口径", note, (Column("项目", 16), Column("怎样计数", 110)), rules)]


def _timeliness(times: Sequence[Timeliness], title: str, note: str) -> View:
    columns = (
        *(Column("科室", 30), number_column("原创内容"), number_column("按期"), number_column("逾期")),
        *(Column("按期率（%）"), Column("平均用时（天）", 14), Column("最长（天）")),
    )
    rows: list[list[Cell]] = [
        [one.section, one.contents, one.on_time, one.late, one.rate, one.average, one.longest]
        for one in times
        if one.section is not None
    ]
    return View("公开时限", title, note, columns, rows, total="合计")


def _corrections(corrections: Sequence[Correction], title: str, note: str, zone: ZoneInfo) -> View:
    columns = (
        *(Column("登记时间", 22), Column("账号", 26), Column("类别"), Column("科室", 20), *_COUNTED),
        *(number_column("内容数"), Column("原因", 24), Column("发布件编号", 30)),
    )
    rows: list[list[Cell]] = [
        [
            moment(one.at, zone),
            one.account_name,
            KIND_LABELS[one.kind],
            one.section,
            *_three(one),
            one.contents,
            one.reason,
            one.post or "",
        ]
        for one in corrections
    ]
    return View("结账后变动", title, note, columns, rows, total="合计")


def _three(row: MonthRow | Correction) -> list[Cell]:
    return [row.original, row.repost, row.withdrawn]
