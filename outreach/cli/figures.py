"""`outreach stats`: figures of months and years, and their recount."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from outreach.cli.common import with_office, write_output
from outreach.foundation import clock
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.office_settings import load
from outreach.foundation.problems import Problem
from outreach.office.context import Office
from outreach.statistics.books import month_book, year_book
from outreach.statistics.csv_table import month_csv, month_lines, year_csv, year_lines
from outreach.statistics.queries import (
    Difference,
    as_json,
    differences,
    month_figures,
    year_as_json,
    year_figures,
)
from outreach.statistics.queries.whole import whole_month, whole_year
from outreach.statistics.rules import check_month, check_year
from outreach.statistics.service import repair

_Checked = TypeVar("_Checked")

stats_app = typer.Typer(help="统计", no_args_is_help=True)


class Format(StrEnum):
    """How the figures are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


FormatOption = Annotated[Format, typer.Option("--format", help="输出格式")]
OutputOption = Annotated[Path | None, typer.Option("-o", help="写入文件")]


@stats_app.command("monthly")
def monthly(
    month: Annotated[str, typer.Argument(help="月份，如 2026-10")],
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """当月原创和转载的发布件数，按渠道、类别、科室。"""
    month = _checked(check_month, month)
    _refuse_terminal(format_, output)

    async def use(office: Office) -> bytes:
        zone = office.settings.zone
        async with office.db.snapshot() as session:
            if format_ is Format.XLSX:
                whole, bureau = await whole_month(session, month, None, zone), (await load(session)).bureau
                return month_book(whole, bureau, zone, clock.now())
            figures = await month_figures(session, month)
        if format_ is Format.JSON:
            return _json(as_json(figures, office.settings.timezone))
        return month_csv(figures) if format_ is Format.CSV else _table(month_lines(figures))

    write_output(output, with_office(use))


@stats_app.command("yearly")
def yearly(
    year: Annotated[str, typer.Argument(help="年份，如 2026")],
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """全年各月的发布件数，按渠道；启用以前的月份用导入的数字。"""
    number = _checked(check_year, year)
    _refuse_terminal(format_, output)

    async def use(office: Office) -> bytes:
        zone = office.settings.zone
        async with office.db.snapshot() as session:
            if format_ is Format.XLSX:
                whole, bureau = await whole_year(session, number, None, zone), (await load(session)).bureau
                return year_book(whole, bureau, zone, clock.now())
            figures = await year_figures(session, number)
        if format_ is Format.JSON:
            return _json(year_as_json(figures, office.settings.timezone))
        return year_csv(figures) if format_ is Format.CSV else _table(year_lines(figures))

    write_output(output, with_office(use))


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


def _checked(check: Callable[[str], _Checked], text: str) -> _Checked:
    try:
        return check(text)
    except Problem as problem:
        raise typer.BadParameter(problem.detail) from problem


def _refuse_terminal(format_: Format, output: Path | None) -> None:
    if format_ is Format.XLSX and output is None and sys.stdout.isatty():
        raise typer.BadParameter("Excel 工作簿不能显示在终端上。请用 -o 写明文件，或重定向到文件。")


def _table(lines: Sequence[tuple[str, ...]]) -> bytes:
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def _json(answer: Mapping[str, Any]) -> bytes:
    return (json.dumps(answer, ensure_ascii=False) + "\n").encode()
