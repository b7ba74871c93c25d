"""A row of an imported file: what was typed, and the content or the errors that came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.content import Content, read_content


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the line of JSON Lines, or the row as a spreadsheet counts it. `content` is None where
    there are errors; `raw` is None where the row could not even be parsed."""

    number: int
    raw: Mapping[str, Any] | None
    errors: tuple[FieldError, ...] = ()
    content: Content | None = None


def read_row(number: int, raw: Mapping[str, Any], errors: Sequence[FieldError] = ()) -> Row:
    """The row of what was typed; `errors` were found before and are told together with the others."""
    try:
        content = read_content(raw, source_id_required=True)
    except InvalidContent as problem:
        told = {error.field for error in errors}
        return Row(number, raw, (*errors, *(error for error in problem.errors if error.field not in told)))
    return Row(number, raw, tuple(errors), None if errors else content)


def refuse_contradictions(rows: Iterable[Row]) -> list[Row]:
    """The same `source_id` again with the same content changes nothing; with another content it is wrong."""
    first: dict[str, tuple[int, dict[str, Any]]] = {}
    checked: list[Row] = []
    for row in rows:
        if row.content is None or row.content.source_id is None:
            checked.append(row)
            continue
        known = _known(row.content.as_json())
        number, content = first.setdefault(row.content.source_id, (row.number, known))
        checked.append(row if content == known else _contradicting(row, number))
    return checked


def _contradicting(row: Row, number: int) -> Row:
    message = f"与第 {number} 行的来源编号相同而内容不同。请更正编号，或只保留其中一行。"
    return replace(row, errors=(FieldError("source_id", message),), content=None)


def _known(value: Any) -> Any:
    """The value without what is not known: `null` and a name left out mean the same."""
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items() if inner is not None}
    return value
