"""A row of an imported file: what was typed, and the content or the errors that came of it."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, Self

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items.content import Content, read_content

_BUNDLE: Final = 200


@dataclass(frozen=True, slots=True)
class RawRow:
    """What was typed. `number` is the line of JSON Lines, or the row as a spreadsheet counts it in its `sheet`
    (None where a file has no sheets); `raw` is None where the row could not even be parsed."""

    number: int
    raw: Mapping[str, Any] | None
    errors: tuple[FieldError, ...] = ()
    sheet: str | None = None

    @property
    def place(self) -> str:
        """Where the row stands, as one says it."""
        return f"工作表“{self.sheet}”第 {self.number} 行" if self.sheet else f"第 {self.number} 行"


@dataclass(frozen=True, slots=True)
class Row(RawRow):
    """A row that was read: `content` is None where there are errors. `repeats` is the place among the file's rows
    (0 is the first) of one that said the same under the same number."""

    content: Content | None = None
    repeats: int | None = None


class RowFile:
    """The rows of a file that could be read to its end. They are kept compressed, and read one by one each time
    that somebody goes through them: what a row costs in memory does not grow with the file."""

    def __init__(self, bundles: list[bytes], total: int) -> None:
        self._bundles = bundles
        self.total = total

    @classmethod
    def keep(cls, rows: Iterator[RawRow], *, most: int) -> Self:
        """The rows, all of them; where there are more than `most`, only one more than that."""
        limited = islice(rows, most + 1)
        bundles: list[bytes] = []
        total = 0
        while bundle := list(islice(limited, _BUNDLE)):
            bundles.append(_pack(bundle))
            total += len(bundle)
        return cls(bundles, total)

    def __iter__(self) -> Iterator[Row]:
        """Each row with its content or its errors, in the file's order."""
        raw = (row for bundle in self._bundles for row in _unpack(bundle))
        return _compare(map(_read, raw))


def _pack(rows: Iterable[RawRow]) -> bytes:
    plain = [
        (row.number, row.raw, [(one.field, one.message) for one in row.errors], row.sheet) for row in rows
    ]
    return zlib.compress(json.dumps(plain).encode(), level=1)


def _unpack(bundle: bytes) -> Iterator[RawRow]:
    for number, raw, errors, sheet in json.loads(zlib.decompress(bundle)):
        yield RawRow(number, raw, tuple(FieldError(*error) for error in errors), sheet)


def _read(row: RawRow) -> Row:
    """The errors of the row were found before, and are told together with those of its content."""
    plain = Row(row.number, row.raw, row.errors, row.sheet)
    if row.raw is None:
        return plain
    try:
        content = read_content(row.raw, source_id_required=True)
    except InvalidContent as problem:
        told = {error.field for error in row.errors}
        return replace(
            plain, errors=(*row.errors, *(error for error in problem.errors if error.field not in told))
        )
    return plain if row.errors else replace(plain, content=content)


def _compare(rows: Iterable[Row]) -> Iterator[Row]:
    """The same `source_id` again with the same content changes nothing; with another content it is wrong."""
    first: dict[str, tuple[int, str, bytes]] = {}
    for place, row in enumerate(rows):
        if row.content is None or row.content.source_id is None:
            yield row
            continue
        says = _digest(row.content)
        before, where, said = first.setdefault(row.content.source_id, (place, row.place, says))
        if place == before:
            yield row
        else:
            yield replace(row, repeats=before) if says == said else _contradicting(row, where)


def _contradicting(row: Row, where: str) -> Row:
    message = f"与{where}的来源编号相同而内容不同。请更正编号，或只保留其中一行。"
    return replace(row, errors=(FieldError("source_id", message),), content=None)


def _digest(content: Content) -> bytes:
    known = json.dumps(_known(content.as_json()), sort_keys=True)
    return hashlib.sha256(known.encode()).digest()


def _known(value: Any) -> Any:
    """The value without what is not known: `null` and a name left out mean the same, and so do 5 and 5.0."""
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items() if inner is not None}
    return int(value) if isinstance(value, float) and value.is_integer() else value
