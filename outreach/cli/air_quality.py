"""`outreach aqi`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import PlainValidator, ValidationError

from outreach.cli.common import place, print_json, read_text
from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.aqi.index import NA, AirIndex, compute
from outreach.items.aqi.measurements import Measurements, measurement_errors
from outreach.items.aqi.reasons import why_na
from outreach.items.importing.json_lines import read_object
from outreach.items.kinds.air_quality import Standard, standard_in_force
from outreach.items.kinds.readable import concentration_label, level_text, primary_text
from outreach.items.kinds.shape import Day, mend


class Year(StrEnum):
    """The year of a standard, as the command's option names it."""

    Y2012 = "2012"
    Y2026 = "2026"

    @property
    def standard(self) -> Standard:
        """The standard of that year."""
        return "HJ 633-2012" if self is Year.Y2012 else "HJ 633-2026"


def _read_id(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int) or not _is_text(str(value)):
        raise mend("请填写编号，文字或整数。")
    return value


def _is_text(text: str) -> bool:
    return bool(text.strip()) and not any("\ud800" <= sign <= "\udfff" for sign in text)


class Question(Measurements):
    """One line of the command's input."""

    id: Annotated[str | int, PlainValidator(_read_id)]
    date: Day | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of one line: an index, or what has to be mended. `id` is None where it could not be read."""

    row: int
    id: str | int | None
    index: AirIndex | None
    errors: tuple[FieldError, ...] = ()


def aqi_command(
    file: Annotated[
        Path, typer.Argument(help="JSON Lines（id、period、concentrations，可有 date）；- 表示标准输入")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="每行输出一个 JSON 对象")] = False,
    standard: Annotated[
        Year | None, typer.Option(help="按哪一年的标准；不写则按 date 当天有效的，没有 date 按 2026")
    ] = None,
) -> None:
    """由污染物浓度计算空气质量指数（HJ 633-2012、HJ 633-2026），不需要数据库。"""
    answers = [
        _answer(number, line, standard)
        for number, line in enumerate(read_text(file).split("\n"), start=1)
        if line.strip()
    ]
    for answer in answers:
        print_json(_as_json(answer)) if as_json else print(_as_text(answer))
    if any(answer.errors for answer in answers):
        raise typer.Exit(1)


def _answer(number: int, line: str, year: Year | None) -> Answer:
    try:
        given = read_object(line, parse_float=Decimal)
    except InvalidContent as problem:
        return Answer(number, None, None, tuple(problem.errors))
    try:
        question = Question.model_validate(given)
    except ValidationError as error:
        wrong = measurement_errors(error)
        return Answer(number, _id_of(given, wrong), None, tuple(wrong))
    in_force = standard_in_force(question.date) if question.date else Year.Y2026.standard
    index = compute(question.period, year.standard if year else in_force, question.concentrations)
    return Answer(number, question.id, index)


def _id_of(given: Mapping[str, Any], wrong: list[FieldError]) -> str | int | None:
    return None if any(error.field == "id" for error in wrong) else given["id"]


def _as_json(answer: Answer) -> dict[str, Any]:
    index = answer.index
    if index is None:
        errors = [{"field": error.field, "message": error.message} for error in answer.errors]
        return {"id": answer.id, "row": answer.row, "errors": errors}
    return {
        "id": answer.id,
        "iaqi": index.iaqi,
        "aqi": index.aqi,
        "level": index.level,
        "category": index.category,
        "color": index.color,
        "primary": list(index.primary),
    }


def _as_text(answer: Answer) -> str:
    index = answer.index
    if index is None:
        return "\n".join(f"第 {answer.row} 行 {place(error)}：{error.message}" for error in answer.errors)
    told = f"{answer.id}：AQI {index.aqi}"
    if index.aqi == NA:
        told += f"（{why_na(index)}）"
    else:
        told += f"，{level_text(index.level)}，{index.category}，{index.color}"
    if index.primary:
        told += f"，首要污染物 {primary_text(list(index.primary))}"
    parts = (
        f"{concentration_label(key)} {NA if value is None else value}" for key, value in index.iaqi.items()
    )
    return f"{told}。{index.standard} 分指数：{'，'.join(parts)}。"
