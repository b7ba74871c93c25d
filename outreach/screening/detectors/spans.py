"""Parts of a text around what triggered a rule: lines, clauses, runs of digits."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Span

LONG_NUMBER: Final = re.compile(r"[0-9](?:[ \t\n\u3000-]{0,3}[0-9]){10,}")
"""Eleven digits or more, also parted by blanks, hyphens or the edges of cells."""

_CLAUSE_END: Final = "。；;！!？?\n"


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


def clause_start(text: str, at: int, furthest: int) -> int:
    """Where the sentence or line begins in which `at` stands, at most `furthest` characters before it."""
    lowest = max(0, at - furthest)
    return max(lowest, *(text.rfind(sign, lowest, at) + 1 for sign in _CLAUSE_END))


def clause_end(text: str, at: int, furthest: int) -> int:
    """Where it ends, at most `furthest` characters after `at`."""
    highest = min(len(text), at + furthest)
    ends = (text.find(sign, at, highest) for sign in _CLAUSE_END)
    return min((end for end in ends if end >= 0), default=highest)
