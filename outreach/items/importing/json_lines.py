"""Items as JSON Lines, or as one JSON array of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from outreach.foundation.problems import FieldError, invalid
from outreach.items.importing.rows import RawRow


def read_json(text: str) -> Iterator[RawRow]:
    """A row for every line that is not blank, or for every entry of an array.

    Raises InvalidContent where the text is an array that is not valid JSON.
    """
    if text.lstrip().startswith("["):
        return _entries(text)
    lines = enumerate(text.split("\n"), start=1)
    return (_line(number, line) for number, line in lines if line.strip())


def _entries(text: str) -> Iterator[RawRow]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid("file", f"文件不是有效的 JSON（{_place(error)}），请核对。") from None
    return (_row(number, entry) for number, entry in enumerate(entries, start=1))


def _line(number: int, line: str) -> RawRow:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        message = f"这一行不是有效的 JSON（{_place(error)}）。请核对引号、逗号和括号，每条信息写一行。"
        return RawRow(number, None, (FieldError("row", message),))
    return _row(number, entry)


def _row(number: int, entry: Any) -> RawRow:
    if not isinstance(entry, Mapping):
        return RawRow(number, None, (FieldError("row", "每条信息应为一个 JSON 对象，写在花括号里。"),))
    return RawRow(number, entry)


def _place(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return (
            f"第 {error.lineno} 行第 {error.colno} 个字符处"
            if error.lineno > 1
            else f"第 {error.colno} 个字符处"
        )
    return "嵌套过深或数字过长"
