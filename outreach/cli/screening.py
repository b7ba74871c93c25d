"""`outreach screen`: texts and files looked through by the rules, without a database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from outreach.cli.common import place, print_json, read_input, read_text, with_office
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.files import MEDIA_TYPES
from outreach.items.importing.json_lines import read_object
from outreach.office.context import Office
from outreach.screening.engine import Engine
from outreach.screening.file_reader import FileReader
from outreach.screening.in_files import found_in
from outreach.screening.office_engine import office_engine
from outreach.screening.rules import LABELS, SHIPPED, Match, verdict
from outreach.settings import load_settings

FILES: Final[Mapping[str, str]] = {
    **MEDIA_TYPES,
    ".csv": "text/csv",
    **dict.fromkeys((".doc", ".xls", ".ppt", ".wps", ".et", ".ofd"), "application/octet-stream"),
}
"""The media types of what is screened as a file; of the last ones nothing more is said than that they can't be read."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text to screen, by its row in the file, or what has to be mended in that row."""

    row: int
    id: str | int | None
    text: str | None
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found; in a file also where."""

    match: Match
    attachment: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found in a text or file, or what has to be mended in its row."""

    row: int
    id: str | int | None
    found: Sequence[_Found]
    errors: Sequence[FieldError] = ()


def screen_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON Lines（id、text），或 txt、docx、pdf、xlsx、csv、png、jpg 文件；- 表示标准输入"
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="每条文本输出一个 JSON 对象")] = False,
    by_office: Annotated[bool, typer.Option("--office", help="加上本单位的词库和设置（需要数据库）")] = False,
) -> None:
    """按内置规则对文本或文件作智能初筛；不加 --office 时不需要数据库。"""
    engine = with_office(_engine_of) if by_office else SHIPPED
    media_type = FILES.get(file.suffix.lower())
    if media_type:
        answers = [_screened_file(file, media_type, engine)]
    else:
        answers = [_screened(one, engine) for one in _texts(file)]
    for answer in answers:
        print_json(_answer_as_json(answer)) if as_json else _tell_answer(answer)
    if any(answer.errors for answer in answers):
        raise typer.Exit(1)


async def _engine_of(office: Office) -> Engine:
    async with office.db.read() as session:
        return (await office_engine(session)).engine


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


def _screened(text: _Text, engine: Engine) -> _Answer:
    found = engine.screen(text.text) if text.text is not None else []
    return _Answer(text.row, text.id, [_Found(match) for match in found], text.errors)


def _screened_file(file: Path, media_type: str, engine: Engine) -> _Answer:
    read = asyncio.run(FileReader().read(read_input(file), media_type))
    here = urlsplit(load_settings().public_url).hostname or ""
    found = [_Found(one.match, file.name, one.place) for one in found_in(read, engine, [here])]
    return _Answer(1, file.name, found)


def _answer_as_json(answer: _Answer) -> dict[str, Any]:
    if answer.errors:
        errors = [{"field": error.field, "message": error.message} for error in answer.errors]
        return {"id": answer.id, "row": answer.row, "errors": errors}
    findings = [_finding(one) for one in answer.found]
    return {"id": answer.id, "verdict": verdict(one.match for one in answer.found), "findings": findings}


def _tell_answer(answer: _Answer) -> None:
    for error in answer.errors:
        print(f"第 {answer.row} 行 {place(error)}：{error.message}")
    if answer.errors:
        return
    print(f"{answer.id}: {verdict(one.match for one in answer.found)}")
    for one in answer.found:
        where = one.place or f"第{one.match.start + 1}字"
        told = f"“{one.match.text}”" if one.match.text else ""
        print(f"  {where} {LABELS[one.match.label]}{told}：{one.match.advice}")


def _finding(found: _Found) -> dict[str, Any]:
    match = found.match
    in_file = {} if found.place is None else {"attachment": found.attachment, "place": found.place}
    return {
        "start": match.start,
        "end": match.end,
        "label": match.label,
        "text": match.text,
        "severity": match.severity.value,
        "rule": match.rule,
        "advice": match.advice,
        **in_file,
    }
