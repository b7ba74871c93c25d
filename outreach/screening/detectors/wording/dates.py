"""Dates that no calendar has: 2月30日, 2026年4月31日, 2026年13月."""

import calendar
import re
from collections.abc import Iterator, Sequence
from typing import Final

from outreach.screening.detectors.base import Span, words
from outreach.screening.detectors.wording.hint import hint

_BLANK: Final = r"[ \u3000]?"
_BEFORE: Final = re.compile(
    rf"(?<![0-9.])(?:(?:19|20)[0-9]{{2}}{_BLANK}年{_BLANK})?(?:[0-9]{{1,2}}){_BLANK}$"
)
_DATE: Final = re.compile(
    rf"(?:(?P<year>[0-9]{{4}}){_BLANK}年{_BLANK})?(?P<month>[0-9]{{1,2}}){_BLANK}月"
    rf"(?:{_BLANK}(?P<day>[0-9]{{1,2}}){_BLANK}日(?:{_BLANK}[至到~-]{{1,2}}{_BLANK}(?P<last>[0-9]{{1,2}}){_BLANK}日)?)?"
)
# What nearly all dates look like, so that they need no closer look.
_USUAL: Final = re.compile(
    r"(?:(?<=[^0-9][1-9])|(?<=0[1-9])|(?<=1[0-2]))月"
    r"(?:(?:[1-9]|1[0-9]|2[0-8])日(?![ \u3000至到~-])|(?![0-9 \u3000]))"
)
_LONGEST_BEFORE: Final = 10
_MONTHS: Final = range(1, 13)
_LEAP_YEAR: Final = 2024
"""Taken where no year is told: then 29 February may be meant."""


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """Dates with a month or a day that there is not; a month alone (共13月) is no date."""
    for start, _ in hits:
        if _USUAL.match(text, start):
            continue
        before = _BEFORE.search(text, max(0, start - _LONGEST_BEFORE), start)
        date = _DATE.match(text, before.start()) if before else None
        if date and _oddity(date):
            yield date.span()


def _oddity(date: re.Match[str]) -> str | None:
    """What is wrong with the date; None where nothing is."""
    if not date["year"] and not date["day"]:
        return None
    month = int(date["month"])
    if month not in _MONTHS:
        return "月份应为1至12"
    if not date["day"]:
        return None
    days = calendar.monthrange(int(date["year"] or _LEAP_YEAR), month)[1]
    if 1 <= int(date["day"]) <= days and 1 <= int(date["last"] or days) <= days:
        return None
    return f"{date['year'] + '年' if date['year'] else ''}{month}月只有{days}天"


def _advice(found: str) -> str:
    date = _DATE.fullmatch(found)
    return f"没有“{found}”这样的日期，{_oddity(date) if date else ''}：请核对原件后改正。"


DETECTORS: Final = (hint("date", "不存在的日期", words("月"), find, _advice),)
