"""`outreach report`: the annual report, and the figures of years that others counted."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.common import decoded, read_input, with_office, write_output
from outreach.foundation.audit import COMMAND_LINE
from outreach.office.context import Office
from outreach.screening.marks import noting_refusals
from outreach.screening.service import record_refusals
from outreach.statistics.report.compose import compose_report
from outreach.statistics.report.content import CheckState, Report
from outreach.statistics.report.forms import Standard
from outreach.statistics.report.store import ImportReport, import_figures
from outreach.statistics.report.written import report_docx, report_html, report_json

report_app = typer.Typer(help="报告", no_args_is_help=True)


class Format(StrEnum):
    """How the report is written."""

    DOCX = "docx"
    HTML = "html"
    JSON = "json"


@report_app.command("annual")
def annual(
    year: Annotated[int, typer.Argument(help="年份，如 2020")],
    standard: Annotated[
        Standard | None, typer.Option("--standard", help="格式（2019 或 2021），不写则按年份")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="输出格式")] = Format.DOCX,
    output: Annotated[Path | None, typer.Option("-o", help="写入文件")] = None,
) -> None:
    """政府信息公开工作年度报告，按现有数字和文字生成；勾稽关系不符和空白的列在标准错误上。"""

    async def use(office: Office) -> tuple[Report, bytes]:
        async with office.db.snapshot() as session:
            report = await compose_report(session, year, standard)
        match format_:
            case Format.DOCX:
                return report, report_docx(report, office.settings.home)
            case Format.HTML:
                return report, report_html(report)
            case Format.JSON:
                return report, report_json(report)

    report, content = with_office(use)
    write_output(output, content)
    _tell_checks(report)


@report_app.command("import-figures")
def import_figures_command(
    year: Annotated[int, typer.Argument(help="年份，须与记录的年份一致")],
    file: Annotated[Path, typer.Argument(help="JSON 文件；- 表示标准输入")],
    bureau: Annotated[str | None, typer.Option("--bureau", help="文件中哪个单位的记录")] = None,
) -> None:
    """导入年度数字。手工填写的数仍以手工为准；再次导入同一文件不作改动。"""
    content = decoded(read_input(file))
    name = "" if str(file) == "-" else file.name

    async def use(office: Office) -> ImportReport:
        with noting_refusals() as refusals:
            try:
                async with office.db.begin() as session:
                    return await import_figures(session, COMMAND_LINE, year, name, content, bureau)
            finally:
                if refusals:
                    async with office.db.begin() as session:
                        await record_refusals(session, COMMAND_LINE, refusals)

    report = with_office(use)
    for sentence in report.told:
        print(sentence)
    if report.added or report.changed or report.removed:
        done = f"新增 {report.added} 项，更改 {report.changed} 项，去除 {report.removed} 项"
    else:
        done = "与先前导入的相同，没有改动"
    print(f"{report.bureau}{year}年：共 {report.figures} 个数字，{done}。")


def _tell_checks(report: Report) -> None:
    failing = [one for one in report.checks if one.state is CheckState.FAILED]
    unknown = sum(1 for one in report.checks if one.state is CheckState.UNKNOWN)
    for one in failing:
        print(f"{one.id} {one.message}", file=sys.stderr)
    if unknown:
        print(f"另有 {unknown} 处无法核对，见 --format json 的 checks。", file=sys.stderr)
