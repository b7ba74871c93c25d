"""Items as a table: a column a field, by its name or its Chinese label.

A concentration is a column named by its key, where 缺测 says that it was not measured; `stated`, `forecast` and
`warning` are JSON in one cell; a row of `extra` is a column `附加:名称`; attachments are parted by `；`, or a JSON list
where a name bears one. An empty cell means 'not known'. A form is read the same way, as a table of one row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from outreach.foundation.problems import FieldError, invalid
from outreach.items.content import known_kind
from outreach.items.importing.cells import WrongCell, text_of
from outreach.items.importing.columns import (
    COMMON,
    EXTRA,
    column_error,
    expects,
    field_of,
    is_known,
    meaning,
    meanings,
)
from outreach.items.importing.header import ROWS_ABOVE, TableRow, read_header, told_of_sheet
from outreach.items.importing.rows import RawRow
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.kinds.messages import printable
from outreach.items.labels import CHOICE_LABELS, KIND_LABELS
from outreach.items.model import Kind

NOT_MEASURED: Final = "缺测"
_JSON_CELLS: Final = ("stated", "forecast", "warning")
_ATTACHMENT_BREAK: Final = re.compile(r"[；;\n]")


def read_table(rows: Iterable[TableRow], sheet: str | None = None) -> Iterator[RawRow]:
    """A row for every row below the header that is not empty. A table without any row gives none.

    Raises InvalidContent where the first row is not the header, or two columns mean the same.
    """
    remaining = iter(rows)
    above = list(islice(remaining, ROWS_ABOVE))
    if (
        all(row.is_blank for row in above)
        and next((row for row in remaining if not row.is_blank), None) is None
    ):
        return
    columns = read_header(above, sheet, is_known=is_known, example="来源编号、类别、标题、科室")
    _refuse_doubles(columns, sheet)
    for row in chain(above[1:], remaining):
        if not row.is_blank:
            yield _row(row, columns, sheet)


def raw_from_cells(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[FieldError]]:
    """The raw item of one row or one form: cells by their columns, and what is wrong with the columns.

    `read_content` then reads the first; both kinds of errors belong together.
    """
    raw: dict[str, Any] = {"fields": {}}
    errors: list[FieldError] = []
    kind = _kind_of(cells)
    for column, cell in cells.items():
        error = column_error(column, kind, cell)
        if error:
            errors.append(error)
        elif cell.strip():
            errors.extend(_put(raw, column, cell, kind))
    if kind is Kind.AIR_QUALITY:  # a forecast bears none, and says so
        raw["fields"].setdefault("concentrations", {})
    return raw, errors


def _refuse_doubles(columns: Mapping[int, str], sheet: str | None) -> None:
    """批复日期 and 决定日期 may stand side by side: they are one name, but of different kinds."""
    seen: dict[tuple[Kind | None, str], str] = {}
    for column in filter(None, columns.values()):
        for one in meanings(column).items() or [(None, column)]:
            if one in seen:
                told = f"列“{printable(seen[one])}”和“{printable(column)}”是同一项，请只保留一列。"
                raise invalid("file", told_of_sheet(sheet) + told)
            seen[one] = column


def _row(row: TableRow, columns: Mapping[int, str], sheet: str | None) -> RawRow:
    texts: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for place, column in columns.items():
        if not column:
            continue
        try:
            texts[column] = text_of(row.cells[place], expects(column)) if place in row.cells else ""
        except WrongCell as fault:
            wrong[column] = str(fault)
    raw, errors = raw_from_cells(texts)
    kind = _kind_of(texts)
    errors.extend(FieldError(field_of(column, kind), message) for column, message in wrong.items())
    if any(not cell.is_blank for place, cell in row.cells.items() if not columns.get(place)):
        errors.append(FieldError("row", "这一行有内容写在没有列名的格里，请移到对应的列或删去。"))
    return RawRow(row.number, raw, tuple(errors), sheet)


def _kind_of(cells: Mapping[str, str]) -> Kind | None:
    typed = (cells.get("kind") or cells.get("类别") or "").strip()
    return next((kind for kind, label in KIND_LABELS.items() if label == typed), known_kind(typed))


def _put(raw: dict[str, Any], column: str, cell: str, kind: Kind | None) -> list[FieldError]:
    """Puts the cell where it belongs in the raw item; gives what is wrong with it."""
    fields: dict[str, Any] = raw["fields"]
    extra = EXTRA.fullmatch(column)
    name = meaning(column, kind)
    if extra:
        fields.setdefault("extra", {})[extra[1].strip()] = cell
    elif name in CONCENTRATION_KEYS:
        measured = None if cell.strip() == NOT_MEASURED else cell
        fields.setdefault("concentrations", {})[name] = measured
    elif name in _JSON_CELLS:
        return _put_json(fields, name, cell)
    elif name == "attachments":
        raw[name] = _attachments(cell)
    elif name in COMMON:
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


def _attachments(cell: str) -> list[str]:
    if cell.lstrip().startswith("["):
        try:
            return [str(name) for name in json.loads(cell)]
        except (ValueError, RecursionError):
            pass  # a name may begin with a bracket as well: [1]号附件.pdf
    return [one.strip() for one in _ATTACHMENT_BREAK.split(cell) if one.strip()]


def _choice(name: str, cell: str) -> str:
    """A choice may be typed by its Chinese word: 环评公示, 转载, 日报."""
    words = CHOICE_LABELS.get(name, {})
    return next((value for value, word in words.items() if word == cell.strip()), cell)
