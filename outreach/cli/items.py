"""`outreach import` and `outreach screen`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from outreach.cli.common import place, print_json, read_input, read_text, with_office
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.importing.json_lines import read_object
from outreach.office.context import Office
from outreach.office.import_items import ImportReport, RowOutcome, RowReport, import_items
from outreach.people.queries import person_named
from outreach.screening.rules import LABELS, Match, screen, verdict

OUTCOME_LABELS = {
    RowOutcome.CREATED: "已导入",
    RowOutcome.UNCHANGED: "已有，未改动",
    RowOutcome.REJECTED: "有误，未导入",
    RowOutcome.GOOD: "无误",
}

PROGRESS_EVERY = 1000


@dataclass(frozen=True, slots=True)
class _Text:
    """A text to screen, by its row in the file, or what has to be mended in that row."""

    row: int
    id: str | int | None
    text: str | None
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found in the text of a row, or what has to be mended in it."""

    row: int
    id: str | int | None
    found: Sequence[Match]
    errors: Sequence[FieldError]


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


def screen_command(
    file: Annotated[Path, typer.Argument(help="JSON Lines（id、text）或 .txt 文件；- 表示标准输入")],
    as_json: Annotated[bool, typer.Option("--json", help="每条文本输出一个 JSON 对象")] = False,
) -> None:
    """按内置规则对文本作智能初筛，不需要数据库。"""
    answers = [_screened(one) for one in _texts(file)]
    for answer in answers:
        print_json(_answer_as_json(answer)) if as_json else _tell_answer(answer)
    if any(answer.errors for answer in answers):
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


def _texts(file: Path) -> list[_Text]:
    text = read_text(file)
    if file.suffix.lower() == ".txt":
        return [_Text(1, file.name, text)]
    return [_read_text(row, line) for row, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _read_text(row: int, line: str) -> _Text:
    try:
        given = read_object(line)
    except InvalidContent as problem:
        return _Text(row, None, None, problem.errors)
    id_, text, errors = given.get("id"), given.get("text"), []
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        errors.append(FieldError("id", "请填写编号，文字或整数。"))
    if not isinstance(text, str):
        errors.append(FieldError("text", "请填写要初筛的文字。"))
    known_id = None if any(error.field == "id" for error in errors) else id_
    return _Text(row, known_id, None if errors else str(text), tuple(errors))


def _screened(text: _Text) -> _Answer:
    return _Answer(text.row, text.id, screen(text.text) if text.text is not None else [], text.errors)


def _answer_as_json(answer: _Answer) -> dict[str, Any]:
    if answer.errors:
        errors = [{"field": error.field, "message": error.message} for error in answer.errors]
        return {"id": answer.id, "row": answer.row, "errors": errors}
    findings = [_finding(one) for one in answer.found]
    return {"id": answer.id, "verdict": verdict(answer.found), "findings": findings}


def _tell_answer(answer: _Answer) -> None:
    for error in answer.errors:
        print(f"第 {answer.row} 行 {place(error)}：{error.message}")
    if answer.errors:
        return
    print(f"{answer.id}: {verdict(answer.found)}")
    for match in answer.found:
        print(f"  第{match.start + 1}字 {LABELS[match.label]}“{match.text}”：{match.advice}")


def _finding(match: Match) -> dict[str, Any]:
    return {
        "start": match.start,
        "end": match.end,
        "label": match.label,
        "text": match.text,
        "severity": match.severity.value,
        "rule": match.rule,
        "advice": match.advice,
    }
