"""The three tables as a record gives them: by Chinese labels as printed, or by position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from outreach.statistics.report.forms import Form

RESULTS: Final = "table_requests"
ART20: Final = "table_art20"
CASES: Final = "table_reviews"
TABLES: Final = (ART20, RESULTS, CASES)

Cell = tuple[str, str | None, Any]
"""Where a cell stands in the record, the name of its figure (None where the form has no such cell), its value."""


def cells_in(name: str, table: Any, form: Form) -> Iterator[Cell]:
    """The cells of a table of the record that have a value or should have one."""
    if not isinstance(table, Mapping):
        yield name, None, table
        return
    match name:
        case "table_art20":
            yield from _art20(table, form)
        case "table_requests":
            yield from _labelled(name, table, _request_rows(form), _columns(form.table3_columns), "requests")
        case _:
            yield from _labelled(
                name, table, _rows(form.table4_groups), _columns(form.table4_columns), "cases"
            )


def _art20(table: Mapping[str, Any], form: Form) -> Iterator[Cell]:
    rows = {
        _plain(row.label): (row.key, [(_plain(column.label), column.key) for column in block.columns])
        for block in form.table2
        for row in block.rows
    }
    for place, label, value in _leaves(ART20, table):
        row = rows.get(_plain(label)) or rows.get(_plain(f"行政{label}"))
        if row is None:
            yield place, None, value
            continue
        key, columns = row
        if isinstance(value, list):
            yield from _by_position(place, f"art20.{key}", [column for _, column in columns], value)
        else:
            named = dict(columns)
            for printed, number in value.items():
                found = named.get(_plain(str(printed).partition("_")[0]))
                yield f"{place}.{printed}", f"art20.{key}.{found}" if found else None, number


def _by_position(place: str, key: str, columns: list[str], values: list[Any]) -> Iterator[Cell]:
    if len(values) != len(columns):
        yield f"{place}（应为{len(columns)}个数）", None, values
        return
    for number, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
        yield f"{place}[{number}]", f"{key}.{column}", value


def _labelled(
    name: str, table: Mapping[str, Any], rows: Mapping[str, str], columns: Mapping[str, str], family: str
) -> Iterator[Cell]:
    for place, label, value in _leaves(name, table):
        row = _only(rows, _plain(label))
        if row is None or not isinstance(value, Mapping):
            if not isinstance(value, str):
                yield place, None, value
            continue
        for printed, number in value.items():
            column = columns.get(_plain(str(printed)))
            yield f"{place}.{printed}", f"{family}.{row}.{column}" if column else None, number


def _leaves(place: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The innermost objects and lists, each with the label under which it stands."""
    for label, value in table.items():
        here = f"{place}.{label}"
        if isinstance(value, Mapping) and any(isinstance(one, Mapping | list) for one in value.values()):
            yield from _leaves(here, value)
        else:
            yield here, label, value


def _only(rows: Mapping[str, str], label: str) -> str | None:
    """The row of that label, also where it is printed shorter than in the form (一、本年新收)."""
    exact = rows.get(label)
    begun = [key for full, key in rows.items() if full.startswith(label)]
    return exact or (begun[0] if len(begun) == 1 else None)


def _request_rows(form: Form) -> dict[str, str]:
    return {_plain(row.label): row.key for row in form.table3}


def _rows(groups: Any) -> dict[str, str]:
    return {_plain(group.label): group.key for group in groups}


def _columns(columns: Any) -> dict[str, str]:
    return {_plain(column.label): column.key for column in columns}


def _plain(label: str) -> str:
    """A label without blanks, its signs of one width."""
    return "".join(label.translate(_WIDTHS).split())


_WIDTHS: Final = str.maketrans("（）“”", '()""')
