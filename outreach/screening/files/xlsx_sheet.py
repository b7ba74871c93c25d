"""A sheet of a workbook and the comments on it, a row a passage."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from outreach.screening.files.package import local, values
from outreach.screening.files.passages import Heads, Passage, Piece, passage

_TRUE: Final = frozenset({"1", "true"})
_SAID: Final = ("promptTitle", "prompt", "errorTitle", "error", "display", "tooltip")
_LAST_COLUMN: Final = 16_384


class Sheet:
    """`xl/worksheets/*.xml`. What is neither a cell nor a formula (page headers, lists of choices) is told as it
    stands."""

    def __init__(self, title: str, strings: Sequence[str]) -> None:
        self.done: list[Passage] = []
        self._title = title
        self._strings = strings
        self._heads = Heads()
        self._hidden_columns: list[tuple[int, int]] = []
        self._row, self._row_is_hidden = 0, False
        self._cells: dict[int, list[Piece]] = {}
        self._column, self._place, self._type = 0, title, ""
        self._value = self._formula = ""
        self._texts: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """A column, row, cell, or anything else that may bear text."""
        name = local(tag)
        if name not in {"r", "t", "rPr"}:
            self._texts = []
        if name == "row":
            self._row = int(attrs.get("r", self._row + 1))
            self._row_is_hidden = attrs.get("hidden") in _TRUE
            self._cells, self._column = {}, 0
        elif name == "c":
            self._begin_cell(attrs)
        elif name == "col" and attrs.get("hidden") in _TRUE:
            self._hidden_columns.append((int(attrs["min"]), int(attrs["max"])))
        else:
            given = values(attrs)
            said = [given[one] for one in _SAID if given.get(one)]
            self.done.extend(passage(text, f"{self._title}的提示") for text in said)

    def data(self, text: str) -> None:
        """Text of the present element."""
        self._texts.append(text)

    def end(self, tag: str) -> None:
        """A value, cell or row ends."""
        name = local(tag)
        if name in {"v", "is"}:
            self._value = "".join(self._texts)
        elif name == "f":
            self._formula = "".join(self._texts)
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self.done.extend(self._heads.row(self._cells))
        elif name not in {"r", "t", "rPr"} and (text := "".join(self._texts)).strip():
            self.done.append(passage(text, self._title))
        if name not in {"r", "t"}:
            self._texts = []

    def _begin_cell(self, attrs: dict[str, str]) -> None:
        letters = "".join(sign for sign in attrs.get("r", "") if sign.isalpha())
        self._column = _column(letters) if letters else self._column + 1
        self._type = attrs.get("t", "n")
        self._value = self._formula = ""
        self._place = f"{self._title}{letters or self._column}{self._row}{self._hiding()}"

    def _hiding(self) -> str:
        if self._row_is_hidden:
            return "（隐藏行）"
        is_hidden = any(first <= self._column <= last for first, last in self._hidden_columns)
        return "（隐藏列）" if is_hidden else ""

    def _end_cell(self) -> None:
        if self._formula:
            self.done.append(passage(self._formula, f"{self._place}的公式"))
        if self._value:
            self._cells.setdefault(self._column, []).append(Piece(self._shown(), self._place))

    def _shown(self) -> str:
        if self._type == "s":
            number = int(self._value)
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        return _digits(self._value) if self._type == "n" else self._value


class Comments:
    """`xl/comments*.xml` and the threaded comments of newer workbooks, with their authors."""

    def __init__(self, title: str) -> None:
        self.done: list[Passage] = []
        self._title = title
        self._cell = ""
        self._texts: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """A comment on a cell."""
        if local(tag) in {"comment", "threadedComment"}:
            self._cell = attrs.get("ref", "")
            self._texts = []

    def data(self, text: str) -> None:
        """Text of a comment, or an author's name."""
        self._texts.append(text)

    def end(self, tag: str) -> None:
        """A comment or name ends."""
        name = local(tag)
        if name == "author":
            self._tell("批注的作者")
        elif name in {"comment", "threadedComment"}:
            self._tell(f"{self._cell}的批注")

    def _tell(self, what: str) -> None:
        text = "".join(self._texts)
        if text.strip():
            self.done.append(passage(text, f"{self._title}{what}"))
        self._texts = []


def _column(letters: str) -> int:
    """The number of a column from its letters (A is 1), never beyond the last that a sheet has."""
    number = 0
    for letter in letters.upper()[:3]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return min(number, _LAST_COLUMN)


def _digits(value: str) -> str:
    """A number as a cell shows it: 13800138000, not 1.3800138E10."""
    if "E" not in value.upper():
        return value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return f"{number:f}" if abs(number.adjusted()) < 40 else value
