"""A record's figures under the names of the catalogue, and what is to be told about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.statistics.report.catalogue import Value, spec_of
from outreach.statistics.report.forms import Form
from outreach.statistics.report.importing.contradictions import contradictions_in
from outreach.statistics.report.importing.fields import (
    FAMILIES,
    FIGURES,
    LOWER_BOUNDS,
    NO_FIGURES,
    READS,
    READS_ARE_LOWER_BOUNDS,
    REQUESTS_TABLE,
    WORDS,
    Path,
)
from outreach.statistics.report.importing.record import Record
from outreach.statistics.report.importing.tables import TABLES, cells_in
from outreach.statistics.report.values import NoFigure, checked_value

_LONGEST_WORD, _MOST_WORDS = 100, 50
_PLACEHOLDER_SIGNS: Final = frozenset("【】")
_WORDED: Final = re.compile(r"(\d+)余|超(百万|千万|亿)")
_NUMERALS: Final = {"百万": 10**6, "千万": 10**7, "亿": 10**8}


@dataclass(frozen=True, slots=True)
class Imported:
    """A figure of the file; `place` is where it stands there."""

    value: Value
    place: str
    is_lower_bound: bool = False


@dataclass(slots=True)
class Reading:
    """What a record gives. `told`: what was not taken, or does not agree with itself; `errors` forbid the import."""

    bureau: str
    source: str
    note: str
    figures: dict[str, Imported] = field(default_factory=dict)
    words: dict[str, Sequence[str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


def read_record(record: Record, form: Form) -> Reading:
    """Everything that the record gives for its year, by the form of that year. A `null` is not given.

    Raises InvalidContent naming every figure that is none.
    """
    reading = Reading(str(record["bureau"]).strip(), _text(record, "source_url"), _text(record, "note"))
    bounds = _lower_bounds(record)
    for path, value in _flat(record):
        _take(reading, path, value, is_lower_bound=path in bounds)
    for name in TABLES:
        for place, key, value in cells_in(name, record[name], form) if record.get(name) is not None else ():
            _take_figure(reading, place, key, value)
    _take_requests_table(reading, record)
    _mark_worded_bounds(reading)
    if reading.errors:
        raise InvalidContent("文件中有不能作为数字的内容，没有导入任何一项。", errors=reading.errors)
    reading.told += contradictions_in(record, {key: one.value for key, one in reading.figures.items()})
    return reading


def _flat(record: Record, above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value with the names that lead to it; tables and lists of words are values."""
    for name, value in record.items():
        path = (*above, name)
        if path[0] in TABLES or path[0] == "requests_table" or value is None:
            continue
        if isinstance(value, Mapping) and path not in NO_FIGURES:
            yield from _flat(value, path)
        else:
            yield path, value


def _take(reading: Reading, path: Path, value: Any, *, is_lower_bound: bool) -> None:
    place = ".".join(path)
    if path in WORDS:
        _take_words(reading, WORDS[path], place, value)
    elif path in FIGURES:
        _take_figure(reading, place, FIGURES[path], value, is_lower_bound=is_lower_bound)
    elif path[:-1] in FAMILIES:
        _take_figure(reading, place, FAMILIES[path[:-1]] + path[-1], value)
    elif path not in NO_FIGURES:
        reading.told.append(f"{place}：不认识这一项，没有导入。")


def _take_figure(
    reading: Reading, place: str, key: str | None, value: Any, *, is_lower_bound: bool = False
) -> None:
    if value is None:
        return
    spec = spec_of(key) if key else None
    if spec is None:
        reading.told.append(f"{place}：该年度的表式中没有这一格，或个数不对，没有导入。")
        return
    try:
        number = checked_value(spec, value)
    except NoFigure as error:
        reading.errors.append(FieldError(place, str(error)))
        return
    before = reading.figures.get(spec.key)
    if before is not None and before.value != number:
        told = f"与 {before.place} 的 {before.value} 不一致（同为“{spec.label}”）。"
        reading.errors.append(FieldError(place, told))
        return
    reading.figures[spec.key] = Imported(number, place, is_lower_bound)


def _take_words(reading: Reading, name: str, place: str, value: Any) -> None:
    words = value if isinstance(value, list) else [value]
    if len(words) > _MOST_WORDS or not all(isinstance(one, str) and one.strip() for one in words):
        reading.errors.append(FieldError(place, f"应是至多 {_MOST_WORDS} 个词的列表。"))
    elif any(len(one) > _LONGEST_WORD or _PLACEHOLDER_SIGNS & set(one) for one in words):
        reading.errors.append(FieldError(place, f"每个词最多 {_LONGEST_WORD} 个字，不能有“【”“】”。"))
    else:
        reading.words[name] = [" ".join(one.split()) for one in words]


def _take_requests_table(reading: Reading, record: Record) -> None:
    """Its row of the record's own year; those of other years belong to the reports of those."""
    table = record.get("requests_table")
    for year, row in table.items() if isinstance(table, Mapping) else ():
        place = f"requests_table.{year}"
        if str(year) != str(record["year"]):
            reading.told.append(f"{place}：不是{record['year']}年的，没有导入。")
            continue
        for name, value in row.items() if isinstance(row, Mapping) else ():
            _take_figure(reading, f"{place}.{name}", REQUESTS_TABLE.get(name), value)


def _lower_bounds(record: Record) -> set[Path]:
    """The figures that the record says to be lower bounds."""
    bounds = {figure for flag, figure in LOWER_BOUNDS.items() if _at(record, flag) is True}
    return bounds | (set(READS) if record.get(READS_ARE_LOWER_BOUNDS) is True else set())


def _mark_worded_bounds(reading: Reading) -> None:
    """A note may say it of figures by their wording: 50余/1000余/超百万 are lower bounds."""
    if "lower bound" not in reading.note:
        return
    worded = {
        _NUMERALS[numeral] if numeral else int(digits) for digits, numeral in _WORDED.findall(reading.note)
    }
    for key, one in reading.figures.items():
        if one.value in worded:
            reading.figures[key] = Imported(one.value, one.place, is_lower_bound=True)


def _at(record: Any, path: Path) -> Any:
    for name in path:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return " ".join(value.split())[:500] if isinstance(value, str) else ""
