"""JSON that the database puts together, said once for both databases.

What hangs on a page of items would be several hundred rows, each to be read, made an object and written as text
again; as JSON it comes as one text an item. Values are told as the API tells them: a time in UTC, cut to the
millisecond, with `Z` (`2026-11-23T02:00:00.000Z`), an enum by its value, a date as ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    Text,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from outreach.foundation.database import UtcDateTime

_UTC_FORMAT: Final = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""


def json_text(rows: Select[*tuple[Any, ...]], *beside: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Reads each of `rows` as the text of a JSON object whose names are those of its columns, and after it those of
    its columns that `beside` names."""
    told = _told(rows)
    return select(cast(_Row(told.table_valued(), *told.c), Text), *(told.c[one.name] for one in beside))


def json_list(rows: Select[*tuple[Any, ...]]) -> ColumnElement[Any]:
    """A column that holds such objects as a list, in the order of `rows`: themselves a query that depends on the
    table beside whose columns it stands."""
    told = _told(rows)
    listed = func.coalesce(_List(told.table_valued(), *told.c), literal_column("'[]'"), type_=JSON())
    return select(listed).scalar_subquery()


def json_object(*columns: ColumnElement[Any]) -> ColumnElement[Any]:
    """One such object as a value within another one."""
    return _Object(*columns)


class _Object(FunctionElement[Any]):
    """Columns as an object."""

    type, inherit_cache = JSON(), True


class _Row(FunctionElement[Any]):
    """A row of a subquery (its name, then its columns) as an object."""

    type, inherit_cache = JSON(), True


class _List(FunctionElement[Any]):
    """All its rows as a list of objects."""

    type, inherit_cache = JSON(), True


class _Moment(FunctionElement[str]):
    type, inherit_cache = Text(), True


def _told(rows: Select[*tuple[Any, ...]]) -> Subquery:
    columns = [
        _Moment(column).label(column.name) if isinstance(column.type, UtcDateTime) else column
        for column in rows.selected_columns
    ]
    return rows.with_only_columns(*columns, maintain_column_froms=True).subquery()


@compiles(_Object, "postgresql")
def _object_on_postgresql(element: _Object, compiler: SQLCompiler, **options: Any) -> str:
    values = (compiler.process(column.element, **options) for column in element.clauses)
    named = (f"'{column.name}', {value}" for column, value in zip(element.clauses, values, strict=True))
    return f"json_build_object({', '.join(named)})"


@compiles(_Object, "sqlite")
def _object_on_sqlite(element: _Object, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_object({', '.join(_named_on_sqlite(element.clauses, compiler, **options))})"


@compiles(_Row, "postgresql")
def _row_on_postgresql(element: _Row, compiler: SQLCompiler, **options: Any) -> str:
    row, *_ = element.clauses
    return f"row_to_json({compiler.process(row, **options)})"


@compiles(_Row, "sqlite")
def _row_on_sqlite(element: _Row | _List, compiler: SQLCompiler, **options: Any) -> str:
    _, *columns = element.clauses
    return f"json_object({', '.join(_named_on_sqlite(columns, compiler, **options))})"


@compiles(_List, "postgresql")
def _list_on_postgresql(element: _List, compiler: SQLCompiler, **options: Any) -> str:
    row, *_ = element.clauses
    return f"json_agg({compiler.process(row, **options)})"


@compiles(_List, "sqlite")
def _list_on_sqlite(element: _List, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array({_row_on_sqlite(element, compiler, **options)})"


@compiles(_Moment, "postgresql")
def _moment_on_postgresql(element: _Moment, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char(timezone('UTC', {compiler.process(element.clauses, **options)}), {_UTC_FORMAT})"


@compiles(_Moment, "sqlite")
def _moment_on_sqlite(element: _Moment, compiler: SQLCompiler, **options: Any) -> str:
    """There a time is stored as `2026-11-23 02:00:00.000000`."""
    return f"replace(substr({compiler.process(element.clauses, **options)}, 1, 23), ' ', 'T') || 'Z'"


def _named_on_sqlite(columns: Iterable[Any], compiler: SQLCompiler, **options: Any) -> Iterable[str]:
    """Each column after its name. SQLite has no type for JSON or truth: it is told where they stand."""
    for column in columns:
        value = compiler.process(column, **options)
        if isinstance(column.type, Boolean):
            value = f"json(CASE WHEN {value} THEN 'true' ELSE 'false' END)"
        elif isinstance(column.type, JSON):
            value = f"json({value})"
        yield f"'{column.name}', {value}"
