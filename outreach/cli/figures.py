"""`outreach stats`: the month's figures, and their recount."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.common import with_office
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.problems import Problem
from outreach.foundation.whole_file import write_whole
from outreach.office.context import Office
from outreach.settings import load_settings
from outreach.statistics.csv_table import month_csv, month_lines
from outreach.statistics.queries import Difference, MonthFigures, as_json, differences, month_figures
from outreach.statistics.rules import check_month
from outreach.statistics.service import repair

stats_app = typer.Typer(help="统计", no_args_is_help=True)


class Format(StrEnum):
    """How the figures are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@stats_app.command("monthly")
def monthly(
    month: Annotated[str, typer.Argument(help="月份，如 2026-10")],
    format_: Annotated[Format, typer.Option("--format", help="输出格式")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option("-o", help="写入文件")] = None,
) -> None:
    """当月原创和转载的发布件数，按渠道、类别、科室。"""
    try:
        month = check_month(month)
    except Problem as problem:
        raise typer.BadParameter(problem.detail) from problem

    async def use(office: Office) -> MonthFigures:
        async with office.db.read() as session:
            return await month_figures(session, month)

    figures = with_office(use)
    content = {Format.TABLE: _table, Format.CSV: month_csv, Format.JSON: _json}[format_](figures)
    if output is None:
        sys.stdout.buffer.write(content)
    elif output.exists() and not output.is_file():  # a device or a pipe
        output.write_bytes(content)
    else:
        write_whole(output, content)


@stats_app.command("verify")
def verify(
    put_right: Annotated[bool, typer.Option("--repair", help="按清点结果更正，并记入审计")] = False,
) -> None:
    """从发布件、审查决定和通知重新清点，并与保存的计数核对；不一致时列出并以状态 1 结束。"""

    async def use(office: Office) -> tuple[list[Difference], list[Difference]]:
        zone = office.settings.zone
        async with office.db.snapshot() as session:
            found = await differences(session, zone)
        if not (found and put_right):
            return found, found
        async with office.db.begin() as session:
            await repair(session, COMMAND_LINE, zone, sorted({one.cell.month for one in found}))
        async with office.db.snapshot() as session:
            return found, await differences(session, zone)

    found, left = with_office(use)
    for one in found:
        print(f"{one.key}：保存的是 {one.kept}，清点得 {one.counted}")
    if left:
        raise typer.Exit(1)
    print("已按清点结果更正。" if found else "计数与发布件一致。")


def _table(figures: MonthFigures) -> bytes:
    return "".join("\t".join(line) + "\n" for line in month_lines(figures)).encode()


def _json(figures: MonthFigures) -> bytes:
    return (json.dumps(as_json(figures, load_settings().timezone), ensure_ascii=False) + "\n").encode()
