"""A sheet of a workbook, gone through once without building anything: what openpyxl's way of reading row by row
does not tell, and whether it may be read at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from openpyxl.utils.cell import get_column_letter, range_boundaries

from outreach.foundation.problems import invalid

MAX_SHEET_ROWS: Final = 1_048_576
MAX_COLUMN: Final = 1000
MAX_MERGES: Final = 5_000
MAX_UNCALCULATED: Final = 100_000
MAX_ELEMENTS_A_ROW: Final = 100_000
MAX_STRING_ELEMENTS: Final = 4_000_000

_CHUNK: Final = 1 << 16
_COLUMN: Final = re.compile(r"[A-Z]{1,3}")


@dataclass(frozen=True, slots=True)
class Merge:
    """A range of merged cells as a spreadsheet names it, and its first and last columns and rows."""

    name: str
    left: int
    top: int
    right: int
    bottom: int


@dataclass(slots=True)
class Survey:
    """What there is in a sheet: merged cells, and by row the columns of the cells whose formulas have no result."""

    merges: list[Merge] = field(default_factory=list)
    uncalculated: dict[int, set[int]] = field(default_factory=dict)


class Broken(ValueError):
    """The part is not what its place in the package promises."""


def survey_sheet(part: IO[bytes]) -> Survey:
    """Goes through a sheet. Raises InvalidContent, Broken, expat.ExpatError."""
    return _SheetWalk().walk(part)


def count_elements(part: IO[bytes]) -> int:
    """How many elements the part has. Raises Broken where they are too many, expat.ExpatError."""
    count = 0

    def begin(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_STRING_ELEMENTS:
            raise Broken("too many strings")

    parser = _parser()
    parser.StartElementHandler = begin
    _feed(parser, part)
    return count


class _SheetWalk:
    """Where in the sheet the parser stands."""

    def __init__(self) -> None:
        self.found = Survey()
        self._row = self._column = self._elements = self._left_open = 0
        self._has_formula = self._has_result = False
        self._parser = _parser()
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def walk(self, part: IO[bytes]) -> Survey:
        _feed(self._parser, part)
        return self.found

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS_A_ROW:
            raise Broken("too many elements")
        match name.rpartition(":")[2]:
            case "c":
                self._begin_cell(attributes)
            case "row":
                self._row = int(attributes.get("r", self._row + 1))
                self._column = 0
                if self._row > MAX_SHEET_ROWS:
                    raise Broken("no spreadsheet has so many rows")
            case "f":
                self._has_formula, self._has_result = True, False
                self._parser.CharacterDataHandler = None
            case "v" if self._has_formula:
                self._parser.CharacterDataHandler = self._result
            case "mergeCell":
                self._add_merge(attributes["ref"])

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._has_formula = False
        place = _COLUMN.match(attributes.get("r", ""))
        self._column = _number_of(place[0]) if place else self._column + 1
        if self._column > MAX_COLUMN:
            where = f"第 {self._row} 行 {get_column_letter(min(self._column, 18_278))} 列"
            raise invalid("file", f"{where}有格子，超出了 {MAX_COLUMN} 列。请删去表格右边不需要的列。")

    def _result(self, _text: str) -> None:
        self._has_result = True

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "c" if self._has_formula:
                self._end_formula()
            case "v":
                self._parser.CharacterDataHandler = None
            case "row":
                self._elements = 0

    def _end_formula(self) -> None:
        self._has_formula = False
        if not self._has_result:
            self._left_open += 1
            self.found.uncalculated.setdefault(self._row, set()).add(self._column)
        if self._left_open > MAX_UNCALCULATED:
            told = "工作簿里的公式都没有计算结果。请用电子表格程序打开文件、保存后再导入。"
            raise invalid("file", told)

    def _add_merge(self, name: str) -> None:
        bounds = range_boundaries(name)
        if None in bounds or len(self.found.merges) >= MAX_MERGES:
            raise Broken("no such range of cells")
        left, top, right, bottom = (int(bound or 0) for bound in bounds)
        self.found.merges.append(Merge(name, left, top, right, bottom))


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    """No workbook has one; entities that unfold to gigabytes are declared there."""
    raise Broken("a document type")


def _feed(parser: expat.XMLParserType, part: IO[bytes]) -> None:
    while chunk := part.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
