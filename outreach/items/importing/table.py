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
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from outreach.foundation.problems import FieldError, invalid
from outreach.items.content import Content, known_kind
from outreach.items.importing.rows import Row, read_row
from outreach.items.kinds import FIELDS
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.kinds.messages import printable, unknown_name
from outreach.items.labels import CHOICE_LABELS, EXTRA_PREFIX, KIND_LABELS, name_of
from outreach.items.model import Kind

_COMMON: Final = frozenset(Content.model_fields) - {"fields"}
_OWN: Final[Mapping[Kind, frozenset[str]]] = {
    kind: (frozenset(shape.model_fields) - {"extra", "concentrations"})
    | (frozenset(CONCENTRATION_KEYS) if kind is Kind.AIR_QUALITY else frozenset())
    for kind, shape in FIELDS.items()
}
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
        text = cell.strip()
        name = _name(column, kind)
        error = _column_error(column, name, kind, text)
        if error:
            errors.append(error)
        elif text and name:
            errors.extend(_put(raw, name, cell))
    return raw, errors


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):  # noqa: B007 - told when the next row is broken
            yield number, cells
    except csv.Error:
        message = f"表格第 {number + 1} 行无法读取。请核对引号是否成对，或用电子表格另存为 CSV UTF-8。"
        raise invalid("file", message) from None


def _refuse_doubles(columns: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for column in filter(None, columns):
        name = name_of(column) or column
        if name in seen:
            raise invalid(
                "file", f"列“{printable(seen[name])}”和“{printable(column)}”是同一项，请只保留一列。"
            )
        seen[name] = column


def _row(number: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
    raw, errors = raw_from_cells(
        {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    )
    stray = [cell for place, cell in enumerate(cells) if place >= len(columns) or not columns[place]]
    if any(cell.strip() for cell in stray):
        errors.append(FieldError("row", "这一行有内容写在没有列名的格里，请移到对应的列或删去。"))
    return read_row(number, raw, errors)


def _kind_of(cells: Mapping[str, str]) -> Kind | None:
    typed = next(
        (cell.strip() for column, cell in cells.items() if name_of(column) == "kind" or column == "kind"), ""
    )
    return next((kind for kind, label in KIND_LABELS.items() if label == typed), known_kind(typed))


def _name(column: str, kind: Kind | None) -> str | None:
    """The name of the field that a column means in a row of that kind; None where nobody knows it."""
    if column in _COMMON or _EXTRA.fullmatch(column) or any(column in names for names in _OWN.values()):
        return column
    return (name_of(column, kind) if kind else None) or name_of(column)


def _column_error(column: str, name: str | None, kind: Kind | None, text: str) -> FieldError | None:
    if name is None or name in ("fields", "extra", "concentrations"):
        return FieldError(
            printable(column), unknown_name(column, _all_names()).replace("extra", "列名写作 附加:名称")
        )
    if not text or name in _COMMON or _EXTRA.fullmatch(name) or kind is None or name in _OWN[kind]:
        return None
    return FieldError(printable(column), f"“{column}”不属于{KIND_LABELS[kind]}，请清空这一格。")


def _all_names() -> list[str]:
    labels = [
        info.title or "" for shape in (Content, *FIELDS.values()) for info in shape.model_fields.values()
    ]
    return [*sorted(_COMMON), *sorted(frozenset().union(*_OWN.values())), *labels]


def _put(raw: dict[str, Any], name: str, cell: str) -> list[FieldError]:
    """Puts the cell where it belongs in the raw item; gives what is wrong with it."""
    fields: dict[str, Any] = raw["fields"]
    extra = _EXTRA.fullmatch(name)
    if extra:
        fields.setdefault("extra", {})[extra[1].strip()] = cell
    elif name in CONCENTRATION_KEYS:
        fields.setdefault("concentrations", {})[name] = cell
    elif name in _JSON_CELLS:
        return _put_json(fields, name, cell)
    elif name in _COMMON:
        raw[name] = _CELL_READERS.get(name, _choice)(name, cell)
    else:
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


def _attachments(_: str, cell: str) -> list[str]:
    return [name.strip() for name in _ATTACHMENT_BREAK.split(cell) if name.strip()]


_CELL_READERS: Final[Mapping[str, Callable[[str, str], Any]]] = {"attachments": _attachments}

__all__ = ["EXTRA_PREFIX", "raw_from_cells", "read_csv"]
