"""`outreach import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.common import place, print_json, read_input, with_office
from outreach.foundation.audit import COMMAND_LINE
from outreach.office.context import Office
from outreach.office.import_items import ImportReport, RowOutcome, RowReport, import_items
from outreach.people.queries import person_named
from outreach.screening.marks import noting_refusals
from outreach.screening.service import record_refusals

OUTCOME_LABELS = {
    RowOutcome.CREATED: "已导入",
    RowOutcome.UNCHANGED: "已有，未改动",
    RowOutcome.REJECTED: "有误，未导入",
    RowOutcome.GOOD: "无误",
}

PROGRESS_EVERY = 1000


def import_command(
    file: Annotated[
        Path, typer.Argument(help="Excel 工作簿（.xlsx）、JSON Lines 或 CSV 文件；- 表示标准输入")
    ],
    as_name: Annotated[str | None, typer.Option("--as", help="以哪个用户的名义导入")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不保存")] = False,
    all_or_nothing: Annotated[bool, typer.Option("--all-or-nothing", help="有一行有误就全部不导入")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="每行输出一个 JSON 对象")] = False,
) -> None:
    """导入公开事项信息，成为草稿。"""
    content = read_input(file)
    given = str(file) != "-"

    async def use(office: Office) -> ImportReport:
        by = None
        if as_name:
            async with office.db.read() as session:
                by = await person_named(session, as_name)
        with noting_refusals() as refusals:
            try:
                return await import_items(
                    office,
                    file.name if given else "",
                    content,
                    by=by,
                    folder=file.resolve().parent if given else None,
                    dry_run=dry_run,
                    all_or_nothing=all_or_nothing,
                    progress=_tell_progress,
                )
            finally:
                if refusals:
                    async with office.db.begin() as session:
                        await record_refusals(session, by or COMMAND_LINE, refusals)

    try:
        report = with_office(use)
    except KeyboardInterrupt:
        print("已停止。已经导入的信息保留；再次导入同一文件，只会导入余下的。", file=sys.stderr)
        raise typer.Exit(1) from None
    for row in report.rows:
        _tell(row, as_json=as_json)
    if not as_json:
        told = "，".join(
            f"{label} {report.count(outcome)} 条"
            for outcome, label in OUTCOME_LABELS.items()
            if report.count(outcome)
        )
        print((told or "文件中没有数据行") + ("。" if report.stored else "。没有保存任何一条。"))
    if report.count(RowOutcome.REJECTED):
        raise typer.Exit(1)


async def _tell_progress(done: int, total: int) -> None:
    """A line on standard error for every so many rows; a file that is through in a moment needs none."""
    if total >= PROGRESS_EVERY and done and (done % PROGRESS_EVERY == 0 or done == total):
        print(f"已处理 {done}／{total} 行", file=sys.stderr, flush=True)


def _tell(row: RowReport, *, as_json: bool) -> None:
    if as_json:
        errors = [{"field": one.field, "message": one.message} for one in row.errors]
        print_json({"sheet": row.sheet, "row": row.row, "source_id": row.source_id, "outcome": row.outcome.value, "item_id": row.item_id, "errors": errors, "notes": row.notes})  # fmt: skip
        return
    where = f"第 {row.row} 行" + (f"（工作表“{row.sheet}”）" if row.sheet else "")
    for error in row.errors:
        print(f"{where} {place(error)}：{error.message}")
    for note in row.notes:
        print(f"{where} 提示：{note}", file=sys.stderr)
