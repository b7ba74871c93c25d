"""One reading of a text for all detectors, whatever characters it was typed with.

Full-width forms, digits of other scripts, the many dashes and spaces and traditional characters are folded to one
character each, letters that stand for digits among digits (1380O123456) too, and characters that nobody sees
(zero-width, soft hyphens, direction marks, variation selectors) are left out. Every character left knows where it
stood, so that a finding points into the text as it was given.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opencc import OpenCC

from outreach.screening.names import spread_names

IDEOGRAPHIC_SPACE: Final = "\u3000"

_LINE_BREAKS: Final = "\n\r\v\f\x85\u2028\u2029"
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe58\ufe63"
_FULL_WIDTH: Final = range(0xFF01, 0xFF5F)
_FULL_WIDTH_OFFSET: Final = 0xFEE0
_HAN: Final = range(0x3400, 0xA000)
_SIMPLIFIED: Final = OpenCC("t2s")
_UNKNOWN: Final = "\ufffd"

# Between two digits on either side, so that chemical formulas and model numbers stay what they are. Letters are
# seldom, so that it is quicker to look for them first and at what is before them then.
_LETTER_FOR_DIGIT: Final = re.compile(r"[OoοОоIl](?<=[0-9]{2}[OoοОоIl])[OoοОоIl]{0,2}(?=[0-9]{2})")
_BLANKS: Final = " \u3000"
_BLANK_AFTER_HAN: Final = re.compile(r"[ \u3000](?<=[\u4e00-\u9fff][ \u3000])[ \u3000]{0,5}[\u4e00-\u9fff]")
"""A quick look whether there can be a spread word at all."""
_SPREAD: Final = re.compile(
    r"[\u4e00-\u9fff](?:[ \u3000]{1,6}[\u4e00-\u9fff](?![\u4e00-\u9fff])){2,6}|"
    r"(?<![^\s|(\[【])[\u4e00-\u9fff](?:[ \u3000]{1,6}[\u4e00-\u9fff]){1,6}(?=[ \u3000]{0,4}(?:[:|\n)\]】]|$))"
)
_SPREAD_NAME: Final = spread_names()
_DIGIT_FOR_LETTER: Final = {"I": "1", "l": "1"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A normalised text and, for each of its characters, the code point offset in the original."""

    text: str
    offsets: Sequence[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the original of the non-empty normalised span `start`..`end` (end exclusive)."""
        return self.offsets[start], self.offsets[end - 1] + 1


def read(text: str) -> Reading:
    """Normalises `text`. One character gives one or none, so that the work grows with the length only."""
    folded = _LETTER_FOR_DIGIT.sub(_digit, text.translate(_FOLDING))
    whole = len(folded) == len(text)
    offsets = range(len(text)) if whole else [at for at, char in enumerate(text) if _FOLDING[ord(char)]]
    return _drawn_together(Reading(folded, offsets))


def _drawn_together(reading: Reading) -> Reading:
    """Words that a form spreads over its line (申  请  人:) and names (王　芳) without the blanks in them."""
    if not _BLANK_AFTER_HAN.search(reading.text):
        return reading
    blanks = [
        at
        for expression in (_SPREAD, _SPREAD_NAME)
        for spread in expression.finditer(reading.text)
        for at in range(spread.start(), spread.end())
        if reading.text[at] in _BLANKS
    ]
    if not blanks:
        return reading
    left_out = frozenset(blanks)
    kept = [at for at in range(len(reading.text)) if at not in left_out]
    return Reading("".join(reading.text[at] for at in kept), [reading.offsets[at] for at in kept])


def _digit(letters: re.Match[str]) -> str:
    return "".join(_DIGIT_FOR_LETTER.get(letter, "0") for letter in letters.group())


class _Folding(dict[int, str]):
    """A translation table that learns each code point at its first use."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


def _fold(char: str) -> str:
    if char in _LINE_BREAKS:
        return "\n"
    if char in ("\t", IDEOGRAPHIC_SPACE):
        return char
    if char in _DASHES:
        return "-"
    if _is_invisible(char):
        return ""
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    if ord(char) in _FULL_WIDTH:
        return chr(ord(char) - _FULL_WIDTH_OFFSET)
    if ord(char) in _HAN:
        return str(_SIMPLIFIED.convert(char))
    if (category := unicodedata.category(char)) == "Zs":
        return " "
    # Half of a pair that JSON may carry alone; no other tool than Python's own takes it for a character.
    return _UNKNOWN if category == "Cs" else char


def _is_invisible(char: str) -> bool:
    is_variation_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return is_variation_selector or unicodedata.category(char) in ("Cf", "Cc") or char == "\u034f"


_FOLDING: Final = _Folding()
