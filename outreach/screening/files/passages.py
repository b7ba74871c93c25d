"""What the reading of a file gives: passages with their places, and what could not be read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CELL_EDGE: Final = "  |  "
"""Between the cells of a row. Two blanks on either side: a word that stands alone in its cell stands alone in the
row as well, which is how a classification mark is known."""

READ_OFF: Final = "中的文字"
"""How the place ends of what was recognised in a picture."""

_HEAD_EDGE: Final = "：  "
_LONGEST_HEAD: Final = 20


class How(StrEnum):
    """How a piece of text shows to whoever opens the file."""

    PLAIN = ""
    INSERTED = "修订（新增）"
    DELETED = "修订（已删除）"
    HIDDEN = "隐藏文字"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text at one place."""

    text: str
    place: str
    how: How = How.PLAIN

    @property
    def full_place(self) -> str:
        """The place for people: 第3段，修订（已删除）."""
        return f"{self.place}，{self.how}" if self.how else self.place


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that is screened as one: a paragraph, a row of a table, a page.

    Attributes:
        places: each place in Chinese with the offset at which it begins, the first at 0.
    """

    text: str
    places: tuple[tuple[int, str], ...]

    def place_at(self, offset: int) -> str:
        """The place of the character at `offset`, a code point of `text`."""
        return self.places[bisect_right(self.places, offset, key=lambda one: one[0]) - 1][1]


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in the file that could not be read: where, and why, as a Chinese sentence."""

    place: str
    reason: str


Part = Passage | Unread

THE_FILE: Final = "整个文件"
DAMAGED: Final = "文件已损坏或格式不规范，没能读完。请用原程序重新保存后再上传。"
LOCKED: Final = "文件已加密，无法读取。请去除密码后再上传。"
TOO_BIG: Final = "文件解开后过大，没能读完。请拆分或缩小后再上传。"
EMBEDDED: Final = "嵌入的文件无法检查。请取出单独上传，或从文件中删去。"


def to_line(part: Part) -> list[object]:
    """A part as JSON."""
    if isinstance(part, Passage):
        return [part.text, part.places]
    return [part.place, part.reason]


def from_line(line: list[object]) -> Part:
    """A part from its JSON."""
    match line:
        case [str(text), list(places)]:
            return Passage(text, tuple((offset, place) for offset, place in places))
        case [str(place), str(reason)]:
            return Unread(place, reason)
    raise ValueError("not a part of a reading")


def passage(text: str, place: str) -> Passage:
    """A text that lies at one place."""
    return Passage(text, ((0, place),))


def passages_of(pieces: Iterable[Piece]) -> Iterator[Passage]:
    """The readings of a paragraph or row: as it shows, as it was before its tracked changes, and with all that is
    hidden in it. A number that a hidden or deleted run interrupts is whole in one of them."""
    given = list(pieces)
    readings = [
        [one for one in given if one.how in (How.PLAIN, How.INSERTED)],
        [one for one in given if one.how is not How.INSERTED],
        [one for one in given if one.how is not How.DELETED],
    ]
    told: set[str] = set()
    for reading in readings:
        joined = _joined(reading)
        if joined.text.strip() and joined.text not in told:
            told.add(joined.text)
            yield joined


class Heads:
    """The words over the columns of a table: each cell is read with its own, 身份证号：  1526….

    The head is the first row with two cells or more, if all of them are words: short and without a digit.
    """

    def __init__(self) -> None:
        self._words: Mapping[int, str] | None = None

    def row(self, cells: Mapping[int, list[Piece]]) -> Iterator[Passage]:
        """The readings of one row; `cells` by the number of their column."""
        words = self._words_over({column: _text(pieces) for column, pieces in cells.items()})
        line: list[Piece] = []
        for column, pieces in cells.items():
            if not _text(pieces):
                continue
            place = pieces[0].place
            if line:
                line.append(Piece(CELL_EDGE, place))
            if column in words:
                line.append(Piece(words[column] + _HEAD_EDGE, place))
            line.extend(pieces)
        return passages_of(line)

    def _words_over(self, texts: Mapping[int, str]) -> Mapping[int, str]:
        if self._words is not None:
            return self._words
        filled = {column: text for column, text in texts.items() if text}
        if len(filled) > 1:
            self._words = filled if all(map(_is_head, filled.values())) else {}
        return {}


def _joined(pieces: Iterable[Piece]) -> Passage:
    texts: list[str] = []
    places: list[tuple[int, str]] = []
    offset = 0
    for piece in pieces:
        if not places or places[-1][1] != piece.full_place:
            places.append((offset, piece.full_place))
        texts.append(piece.text)
        offset += len(piece.text)
    return Passage("".join(texts), tuple(places))


def _text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


def _is_head(text: str) -> bool:
    return len(text) <= _LONGEST_HEAD and not any(sign.isdigit() for sign in text)
