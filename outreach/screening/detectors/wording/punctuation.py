"""Half-width marks between Chinese characters where the paragraph otherwise has the same marks in full width.

An office that writes half-width marks throughout, or a half-width colon after each heading, has its way; one mark
among others of its kind is a slip.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Span
from outreach.screening.detectors.spans import lines_of
from outreach.screening.detectors.wording.hint import hint

_HAN: Final = r"\u4e00-\u9fff"
_HALF_WIDTH: Final = re.compile(rf"[,;:?!](?<=[{_HAN}][,;:?!])(?=[{_HAN}])")
_FULL_WIDTH_OFFSET: Final = 0xFEE0


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """经审查,我局拟批准该项目，现予公示，公示期…: the first in a paragraph, for one tells to look at the others."""
    for start, end in lines_of(text, hits):
        slips = _HALF_WIDTH.finditer(text, start, end)
        kinds = {
            mark for mark in ",;:?!" if text.count(mark, start, end) < text.count(_wide(mark), start, end)
        }
        if slip := next((found for found in slips if found[0] in kinds), None):
            yield slip.span()


def _wide(mark: str) -> str:
    return chr(ord(mark) + _FULL_WIDTH_OFFSET)


def _advice(found: str) -> str:
    return f"这一段的“{found}”有半角也有全角：请改为全角“{_wide(found)}”，段中其他标点同样核对。"


DETECTORS: Final = (
    hint(
        "punctuation", "半角标点", _HALF_WIDTH, find, _advice, "GB/T 15834-2011《标点符号用法》", reads_typed=True
    ),
)  # fmt: skip
