"""Parts of a text around what triggered a rule: lines, clauses, runs of digits."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Span

LONG_NUMBER: Final = re.compile(r"[0-9](?:[ \t\n\u3000.-]{0,3}[0-9]){10,}")
"""Eleven digits or more, also parted by blanks, dots, hyphens or the edges of cells."""

CLAUSE_ENDS: Final = "。；;！!？?\n"
SENTENCE_ENDS: Final = "。！!？?\n"
"""Without the semicolons that part what one sentence lists."""


def lines_of(text: str, hits: Iterable[Span]) -> Iterator[Span]:
    """The lines in which the hits stand, each once."""
    end = -1
    for start, _ in hits:
        if start < end:
            continue
        begin = text.rfind("\n", 0, start) + 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield begin, end


def around(text: str, hits: Sequence[Span], before: int, after: int) -> Iterator[Span]:
    """The hits with so many characters around each, those that touch as one."""
    begin, end = -1, -1
    for hit_start, hit_end in hits:
        start, stop = max(0, hit_start - before), min(len(text), hit_end + after)
        if start <= end:
            end = max(end, stop)
            continue
        if end >= 0:
            yield begin, end
        begin, end = start, stop
    if end >= 0:
        yield begin, end


def clause_start(text: str, at: int, furthest: int, signs: str = CLAUSE_ENDS) -> int:
    """Where the clause begins in which `at` stands, at most `furthest` characters before it."""
    lowest = max(0, at - furthest)
    return max(lowest, *(text.rfind(sign, lowest, at) + 1 for sign in signs))


def clause_end(text: str, at: int, furthest: int, signs: str = CLAUSE_ENDS) -> int:
    """Where it ends, at most `furthest` characters after `at`."""
    highest = min(len(text), at + furthest)
    ends = (text.find(sign, at, highest) for sign in signs)
    return min((end for end in ends if end >= 0), default=highest)


def line_around(text: str, hit: Span) -> Span:
    """The line in which the hit stands, at most `_LONGEST_LINE` characters on either side."""
    return clause_start(text, hit[0], _LONGEST_LINE, "\n"), clause_end(text, hit[1], _LONGEST_LINE, "\n")


def cells_below(text: str, header: Span) -> Iterator[int]:
    """Where the cells begin under the cell of a table in which `header` stands; none where that is not in the
    first line of a table. Cells are parted by | or tabs, rows by line breaks."""
    begin, end = line_around(text, header)
    above = line_around(text, (begin - 1, begin - 1)) if begin else (0, 0)
    if not _CELL_EDGE.search(text, begin, end) or _CELL_EDGE.search(text, *above):
        return
    if not _is_whole_cell(text, header):
        return
    column = len(_CELL_EDGE.findall(text, begin, header[0]))
    for _ in range(_MOST_ROWS):
        begin = end + 1
        end = clause_end(text, begin, _LONGEST_LINE, "\n")
        edges = [begin, *(edge.end() for edge in _CELL_EDGE.finditer(text, begin, end))]
        if len(edges) == 1:
            return
        if column < len(edges):
            yield _after_blanks(text, edges[column])


def _after_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in _BLANKS and at < len(text):
        at += 1
    return at


def _is_whole_cell(text: str, header: Span) -> bool:
    """Whether little else stands in the cell than the header's word."""
    before = _IN_CELL_BEFORE.search(text, max(0, header[0] - _LONGEST_HEADER), header[0])
    after = _IN_CELL_AFTER.match(text, header[1])
    return bool(before and after)


_CELL_EDGE: Final = re.compile(r"[|\t]")
_BLANKS: Final = frozenset(" \u3000")
_LONGEST_LINE: Final = 400
_LONGEST_HEADER: Final = 8
_IN_CELL_BEFORE: Final = re.compile(r"(?:^|[|\t\n])[^|\t\n]{0,6}$")
_IN_CELL_AFTER: Final = re.compile(r"[^|\t\n:,。;]{0,8}(?:[|\t\n]|$)")
_MOST_ROWS: Final = 2000
