"""`outreach stats`: the month's figures, and their recount."""

from __future__ import annotations

import csv
import io
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from outreach.channels.rules import CHANNEL_LABELS
from outreach.cli.common import fail, with_office
from outreach.foundation.problems import Problem
from outreach.items.labels import KIND_LABELS
from outreach.office.context import Office
from outreach.settings import load_settings
from outreach.statistics.queries import Difference, MonthFigures, as_json, differences, month_figures
from outreach.statistics.rules import check_month

stats_app = typer.Typer(help="统计", no_args_is_help=True)
HEADER = ("渠道", "账号", "类别", "科室", "原创", "转载", "已撤回")


class Format(StrEnum):
    """How the figures are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@stats_app.command("monthly")
def monthly(
    month: Annotated[str, typer.Argument(help="月份,如 2026-10")],
    format_: Annotated[Format, typer.Option("--format", help="输出格式")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option("-o", help="写入文件")] = None,
) -> None:
    """当月原创和转载的发布件数,按渠道、类别、科室。"""
    try:
        month = check_month(month)
    except Problem as problem:
        fail(problem)

    async def use(office: Office) -> MonthFigures:
        async with office.db.read() as session:
            return await month_figures(session, month)

    figures = with_office(use)
    text = {Format.TABLE: _table, Format.CSV: _csv, Format.JSON: _json}[format_](figures)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8-sig" if format_ is Format.CSV else "utf-8", newline="")


@stats_app.command("verify")
def verify() -> None:
    """从发布件重新清点,并与保存的计数核对;不一致时列出并以状态 1 结束。"""

    async def use(office: Office) -> list[Difference]:
        async with office.db.read() as session:
            return await differences(session, office.settings.zone)

    found = with_office(use)
    for one in found:
        print(f"{one.key}:保存的是 {one.kept},清点得 {one.counted}")
    if found:
        raise typer.Exit(1)
    print("计数与发布件一致。")


def _lines(figures: MonthFigures) -> list[tuple[str, ...]]:
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
    totals = figures.total()
    last = (
        "合计(发布件数)",
        "",
        "",
        "",
        str(totals["original"]),
        str(totals["repost"]),
        str(totals["withdrawn"]),
    )
    contents = (
        "内容数(同一信息只计一次)",
        "",
        "",
        "",
        str(figures.content_original),
        str(figures.content_repost),
        "",
    )
    return [HEADER, *rows, last, contents]


def _table(figures: MonthFigures) -> str:
    return "".join("\t".join(line) + "\n" for line in _lines(figures))


def _csv(figures: MonthFigures) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in line] for line in _lines(figures))
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A cell that Excel takes for text, not for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def _json(figures: MonthFigures) -> str:
    return json.dumps(as_json(figures, load_settings().timezone), ensure_ascii=False, indent=2) + "\n"
