"""Items as a table: a column a field, by its name or its Chinese label.

The cells of a row are texts. A concentration is a column named by its key; `stated`, `forecast` and `warning`
are JSON in one cell; a row of `extra` is a column `附加:名称`; attachments are parted by `；`. An empty cell
means 'not known'. A form is read the same way, as a table of one row.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from outreach.foundation.problems import FieldError, invalid
from outreach.items.content import Content, known_kind
from outreach.items.importing.rows import Row, read_row
from outreach.items.kinds import FIELDS
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.kinds.messages import printable, unknown_name
from outreach.items.labels import CHOICE_LABELS, KIND_LABELS, label_of, name_of
from outreach.items.model import Kind

_COMMON: Final = frozenset(Content.model_fields) - {"fields"}
_NAMES: Final[Mapping[Kind, frozenset[str]]] = {
    kind: _COMMON
    | (frozenset(shape.model_fields) - {"extra", "concentrations"})
    | (frozenset(CONCENTRATION_KEYS) if kind is Kind.AIR_QUALITY else frozenset())
    for kind, shape in FIELDS.items()
}
"""The columns that a row of each kind may fill."""

_JSON_CELLS: Final = ("stated", "forecast", "warning")
_EXTRA: Final = re.compile(r"附加[:：](.+)")
_ATTACHMENT_BREAK: Final = re.compile(r"[；;\n]")


def read_csv(text: str) -> Iterator[Row]:
    """A row for every row of the table that is not empty.

    Raises InvalidContent where the text is no table, or two columns mean the same.
    """
    table = _rows(text)
    _, header = next(table, (1, []))
    columns = [name.strip() for name in header]
    if not any(columns):
        raise invalid("file", "表格没有标题行。第一行应为各列的名称，例如 来源编号、类别、标题、科室。")
    _refuse_doubles(columns)
    return (_row(number, columns, cells) for number, cells in table if any(cell.strip() for cell in cells))


def raw_from_cells(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldError]]:
    """The raw item of one row or one form: cells by their columns, and what is wrong with the columns.

    `read_content` then reads the first; both kinds of errors belong together.
    """
    raw: dict[str, Any] = {"fields": {}}
    errors: list[FieldError] = []
    kind = _kind_of(cells)
    for column, cell in cells.items():
        error = _column_error(column, kind, cell)
        if error:
            errors.append(error)
        elif cell.strip():
            errors.extend(_put(raw, column, cell, kind))
    return raw, errors


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error:
        message = f"表格第 {number + 1} 行无法读取。请核对引号是否成对，或用电子表格另存为 CSV UTF-8。"
        raise invalid("file", message) from None


def _refuse_doubles(columns: Sequence[str]) -> None:
    """批复日期 and 决定日期 may stand side by side: they are one name, but of different kinds."""
    seen: dict[tuple[Kind | None, str], str] = {}
    for column in filter(None, columns):
        for meaning in _meanings(column).items() or [(None, column)]:
            if meaning in seen:
                told = f"列“{printable(seen[meaning])}”和“{printable(column)}”是同一项，请只保留一列。"
                raise invalid("file", told)
            seen[meaning] = column


def _row(number: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
    raw, errors = raw_from_cells(
        {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    )
    stray = [cell for place, cell in enumerate(cells) if place >= len(columns) or not columns[place]]
    if any(cell.strip() for cell in stray):
        errors.append(FieldError("row", "这一行有内容写在没有列名的格里，请移到对应的列或删去。"))
    return read_row(number, raw, errors)


def _kind_of(cells: Mapping[str, str]) -> Kind | None:
    typed = (cells.get("kind") or cells.get("类别") or "").strip()
    return next((kind for kind, label in KIND_LABELS.items() if label == typed), known_kind(typed))


@lru_cache(maxsize=512)
def _meanings(column: str) -> Mapping[Kind, str]:
    """The field that a column means in a row of each kind; empty where no kind knows it."""
    named = {kind: column if column in _NAMES[kind] else name_of(column, kind) for kind in Kind}
    return {kind: name for kind, name in named.items() if name in _NAMES[kind]}


def _column_error(column: str, kind: Kind | None, cell: str) -> FieldError | None:
    meanings = _meanings(column)
    if _EXTRA.fullmatch(column) or (meanings and (kind is None or kind in meanings)):
        return None
    if not meanings:
        told = unknown_name(column, _all_columns(), "请删去这一列，或把列名写成“附加：名称”。")
        return FieldError(printable(column), told)
    if cell.strip() and kind is not None:
        return FieldError(column, f"“{column}”不属于{KIND_LABELS[kind]}，请清空这一格。")
    return None


@cache
def _all_columns() -> Sequence[str]:
    names = sorted(frozenset[str]().union(*_NAMES.values()))
    labels = (label_of(kind, name) for kind, own in _NAMES.items() for name in own - set(CONCENTRATION_KEYS))
    return tuple(dict.fromkeys((*names, *labels)))


def _put(raw: dict[str, Any], column: str, cell: str, kind: Kind | None) -> list[FieldError]:
    """Puts the cell where it belongs in the raw item; gives what is wrong with it."""
    fields: dict[str, Any] = raw["fields"]
    extra = _EXTRA.fullmatch(column)
    name = next((name for one, name in _meanings(column).items() if kind in (one, None)), "")
    if extra:
        fields.setdefault("extra", {})[extra[1].strip()] = cell
    elif name in CONCENTRATION_KEYS:
        fields.setdefault("concentrations", {})[name] = cell
    elif name in _JSON_CELLS:
        return _put_json(fields, name, cell)
    elif name == "attachments":
        raw[name] = [one.strip() for one in _ATTACHMENT_BREAK.split(cell) if one.strip()]
    elif name in _COMMON:
        raw[name] = _choice(name, cell)
    elif name:
        fields[name] = _choice(name, cell)
    return []


def _put_json(fields: dict[str, Any], name: str, cell: str) -> list[FieldError]:
    try:
        fields[name] = json.loads(cell)
    except (ValueError, RecursionError):
        return [FieldError(f"fields.{name}", "这一格不是有效的 JSON，请核对引号、逗号和括号。")]
    return []


def _choice(name: str, cell: str) -> str:
    """A choice may be typed by its Chinese word: 环评公示, 转载, 日报."""
    words = CHOICE_LABELS.get(name, {})
    return next((value for value, word in words.items() if word == cell.strip()), cell)
