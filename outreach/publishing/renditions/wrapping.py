"""Breaks a title into lines for a card, by the rules of Chinese typesetting (GB/T 15834)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

# A run of Latin letters and figures stays together, with the unit of a date; no line begins with a closing
# mark or ends with an opening one.
_UNIT: Final = re.compile(
    r"[“‘（《〈「『【〔(\[]*"
    r"(?:[A-Za-z0-9][A-Za-z0-9.,%/+×·\-]*[年月日时]?|\s+|.)"
    r"[”’）》〉」』】〕)\]，。、；：！？…—%‰℃]*",
    re.DOTALL,
)

_STEP: Final = 8
"""Pixels by which lines are made narrower while they are evened out."""


def wrap(text: str, width: int, measure: Callable[[str], float]) -> list[str]:
    """Lines of at most `width`, as even as they can be with no more lines than needed."""
    units = [
        (part, measure(part))
        for unit in _UNIT.findall(text)
        for part in (unit if measure(unit) > width / 2 else [unit])
    ]
    lines = _fill(units, width)
    for narrower in range(width - _STEP, width // 2, -_STEP):
        even = _fill(units, narrower)
        if len(even) > len(lines):
            break
        lines = even
    return lines


def _fill(units: Sequence[tuple[str, float]], width: float) -> list[str]:
    lines: list[str] = []
    room = 0.0
    for text, length in units:
        if not lines or length > room:
            lines.append("")
            room = width
        lines[-1] += text
        room -= length
    return [line.strip() for line in lines if line.strip()]
