"""Numbers of resident identity cards (GB 11643-1999): 18 characters, birth date, check character.

Of the area code only the province is checked: county codes come and go, and a number keeps the code with which it
was issued. Numbers written in groups are found as well, since forms and tables break them up.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from stdnum.iso7064 import mod_11_2

from outreach.screening.detectors.base import Detector, Span
from outreach.screening.detectors.spans import LONG_NUMBER
from outreach.screening.severity import Severity

LABEL: Final = "resident_id"

_PROVINCES: Final = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_EARLIEST_BIRTH_YEAR: Final = 1900
_LATEST_BIRTH_YEAR: Final = 2099

# Multiplication sign, Roman ten, Cyrillic and Greek letters stand in for X in what people type.
_CHECK_LETTERS: Final = "Xx×✕ⅩⅹХхΧχ"
_SEPARATOR: Final = r"[ \t\n\u3000.-]"
_CANDIDATE: Final = re.compile(
    rf"(?<![0-9])(?=(?P<number>(?:[0-9]{_SEPARATOR}{{0,3}}){{17}}[0-9{_CHECK_LETTERS}])(?![0-9]))"
)
# The check letter ends a run of digits, after blanks perhaps.
_SEPARATED_CHECK: Final = 5
_GAP: Final = re.compile(rf"{_SEPARATOR}+")
# In more groups than this (6-4-2-2-4) a row of measured values could add up to a number by chance; then nothing
# like a number may stand beside it.
_GROUPS_THAT_STAND_BESIDE_NUMBERS: Final = 5
_NUMBER_BEFORE: Final = re.compile(rf"[0-9]{_SEPARATOR}{{1,3}}$")
_NUMBER_AFTER: Final = re.compile(rf"{_SEPARATOR}{{1,3}}[0-9]")

_CONTEXT_LENGTH: Final = 24
_NAMED_BEFORE: Final = re.compile(r"(?:身份证|公民身份|居民身份)[^\n0-9]{0,12}$")
_NAMED_AFTER: Final = re.compile(r"\s{0,2}\([^\n0-9)]{0,6}身份证")


def find_valid(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """Numbers with an existing province, a possible birth date and the right check character."""
    for start, end, number in _candidates(text, hits):
        if _is_valid(number):
            yield start, end


def find_wrong_check(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """Eighteen digits that the text calls an identity number and that can't be one as they stand."""
    for start, end, number in _candidates(text, hits):
        if not _is_valid(number) and _stands_alone(text, start, end) and _is_named(text, start, end):
            yield start, end


def _candidates(text: str, hits: Sequence[Span]) -> Iterator[tuple[int, int, str]]:
    for run_start, run_end in hits:
        for found in _CANDIDATE.finditer(text, run_start, run_end + _SEPARATED_CHECK):
            yield from _candidate(text, found)


def _candidate(text: str, found: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    start, end = found.span("number")
    groups = _GAP.split(found["number"])
    if len(groups) <= _GROUPS_THAT_STAND_BESIDE_NUMBERS or _stands_alone(text, start, end):
        number = "".join(groups)
        yield start, end, number if number.isdecimal() else f"{number[:-1]}X"


def _is_valid(number: str) -> bool:
    return (
        _PROVINCES.match(number) is not None
        and _is_birth_date(number[6:14])
        and bool(mod_11_2.is_valid(number))
    )


def _is_birth_date(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if not _EARLIEST_BIRTH_YEAR <= year <= _LATEST_BIRTH_YEAR:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 4) : start]
    return not _NUMBER_BEFORE.search(before) and not _NUMBER_AFTER.match(text, end)


def _is_named(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _CONTEXT_LENGTH) : start]
    return bool(_NAMED_BEFORE.search(before) or _NAMED_AFTER.match(text, end))


DETECTORS: Final = (
    Detector(
        name="resident_id",
        title="身份证号：校验相符",
        label=LABEL,
        severity=Severity.REDACT,
        advice="删去居民身份证号，或以“*”遮盖出生日期和顺序码后再公开。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=LONG_NUMBER,
        find=find_valid,
    ),
    Detector(
        name="resident_id_wrong_check",
        title="身份证号：校验不符",
        label=LABEL,
        severity=Severity.HINT,
        advice="此处注明为身份证号，但校验不符：请核对是否为录入错误的真实号码，是则删去或遮盖。",
        basis="《中华人民共和国政府信息公开条例》第十五条（个人隐私）；GB 11643-1999",
        trigger=LONG_NUMBER,
        find=find_wrong_check,
    ),
)
