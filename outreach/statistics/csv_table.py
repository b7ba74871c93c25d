"""A month's figures as a table for Excel."""

from __future__ import annotations

import csv
import io
from typing import Final

from outreach.channels.rules import CHANNEL_LABELS
from outreach.items.labels import KIND_LABELS
from outreach.statistics.queries import MonthFigures

HEADER: Final = ("渠道", "账号", "类别", "科室", "原创", "转载", "已撤回")
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


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


def month_csv(figures: MonthFigures) -> bytes:
    """CSV as Excel reads it: UTF-8 with a BOM; no cell is taken for a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in line] for line in month_lines(figures))
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell
