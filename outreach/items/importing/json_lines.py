"""Items as JSON Lines, or as one JSON array of objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from outreach.foundation.problems import InvalidContent, invalid
from outreach.items.importing.rows import RawRow


def read_json(text: str) -> Iterator[RawRow]:
    """A row for every line that is not blank, or for every entry of an array.

    Raises InvalidContent where the text is an array that is not valid JSON.
    """
    if text.lstrip().startswith("["):
        return _entries(text)
    lines = enumerate(text.split("\n"), start=1)
    return (_row(number, partial(read_object, line)) for number, line in lines if line.strip())


def read_object(line: str, parse_float: Callable[[str], Any] = float) -> Mapping[str, Any]:
    """The JSON object on one line; `parse_float` reads its numbers with a fraction or an exponent.

    Raises InvalidContent where it is none.
    """
    try:
        entry = json.loads(line, parse_float=parse_float)
    except (ValueError, ArithmeticError, RecursionError) as error:
        message = f"这一行不是有效的 JSON（{_place(error)}）。请核对引号、逗号和括号，每条信息写一行。"
        raise invalid("row", message) from None
    return _object(entry)


def _entries(text: str) -> Iterator[RawRow]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid("file", f"文件不是有效的 JSON（{_place(error)}），请核对。") from None
    return (_row(number, partial(_object, entry)) for number, entry in enumerate(entries, start=1))


def _row(number: int, read: Callable[[], Mapping[str, Any]]) -> RawRow:
    try:
        return RawRow(number, read())
    except InvalidContent as problem:
        return RawRow(number, None, tuple(problem.errors))


def _object(entry: Any) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise invalid("row", "每条信息应为一个 JSON 对象，写在花括号里。")
    return entry


def _place(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return (
            f"第 {error.lineno} 行第 {error.colno} 个字符处"
            if error.lineno > 1
            else f"第 {error.colno} 个字符处"
        )
    return "嵌套过深或数字过长"
