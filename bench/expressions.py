"""Every regular expression of the screening, alone, on a million of the characters that are worst for it.

The rules ask most of their expressions at bounded places only; here each is let loose on a whole text, so that none
owes its time to another one's care.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any

from tests.screening.expressions import expressions, parsed
from tests.screening.worst_texts import PIECES, worst_text

LENGTH = 1_000_000
PART = 4
"""Each is also run on this part of the length: a linear one takes this part of the time."""
TRIED = 2_000
"""Characters on which the worst texts for an expression are chosen."""
WORTH_COMPARING_S = 0.05
_OTHERS = "a汉1 ，\n★"


def measure() -> dict[str, float]:
    """The number of expressions, the processor seconds of the slowest on a million of its worst characters, their median,
    and the greatest growth from a quarter of it (1 is linear, 4 would be the square)."""
    taken: dict[str, tuple[float, float]] = {}
    for name, expression in expressions().items():
        text = worst_for(expression)
        small = seconds(expression, worst_text(text, LENGTH // PART))
        taken[name] = small, seconds(expression, worst_text(text, LENGTH))
        print(f"{name:60} {taken[name][1]:8.3f} s  {text[:24]!r}")
    growths = [whole / small / PART for small, whole in taken.values() if whole > WORTH_COMPARING_S]
    by_time = sorted(whole for _, whole in taken.values())
    return {
        "expressions": len(taken),
        "a million of the worst characters, slowest, s": by_time[-1],
        "the same, median, s": by_time[len(by_time) // 2],
        "growth (1 is linear), greatest": max(growths),
    }


def worst_for(expression: re.Pattern[str]) -> str:
    """Of the pieces that are hard for rules, and of beginnings of what the expression matches, the one that takes it
    longest over and over."""
    return max(
        (*PIECES, *_beginnings(expression)), key=lambda piece: seconds(expression, worst_text(piece, TRIED))
    )


def seconds(expression: re.Pattern[str], text: str) -> float:
    """Processor seconds in which the expression looks through the text."""
    began = time.process_time()
    for _ in expression.finditer(text):
        pass
    return time.process_time() - began


def _beginnings(expression: re.Pattern[str]) -> set[str]:
    """What it matches, without its end, so that it fails as late as can be; and each character of it."""
    whole = "".join(_example(parsed(expression)))
    return {whole[:end] for end in range(1, len(whole) + 1)} | set(whole)


def _example(tree: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    for code, value in tree:
        if code is op.LITERAL:
            yield chr(value)
        elif code is op.NOT_LITERAL:
            yield next(sign for sign in _OTHERS if ord(sign) != value)
        elif code is op.ANY:
            yield _OTHERS[0]
        elif code is op.IN:
            yield _one_of(value)
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            least, _, inner = value
            yield "".join(_example(inner)) * max(1, least)
        elif code is op.SUBPATTERN:
            yield from _example(value[3])
        elif code is op.ATOMIC_GROUP:
            yield from _example(value)
        elif code is op.BRANCH:
            yield from _example(value[1][0])


def _one_of(members: list[tuple[Any, Any]]) -> str:
    first, told = members[0]
    if first is op.NEGATE:
        shut = re.compile("[" + "".join(_written(one) for one in members[1:]) + "]")
        return next(sign for sign in _OTHERS if not shut.match(sign))
    if first is op.RANGE:
        return chr(told[0])
    return chr(told) if first is op.LITERAL else "1" if told is op.CATEGORY_DIGIT else " "


def _written(member: tuple[Any, Any]) -> str:
    code, value = member
    if code is op.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return re.escape(chr(value)) if code is op.LITERAL else r"\s"
