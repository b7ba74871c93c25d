"""Terms of notices in working days that don't fit the dates beside them.

建设项目环境影响评价政府信息公开指南 (环办〔2013〕103号) has such terms. Whether the day of posting counts differs from
office to office: told is only what fits neither way, and only in years whose holidays are known.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from outreach.catalogue.calendar import (
    add_working_days,
    is_announced,
    is_working_day,
    working_days_between,
)
from outreach.screening.detectors.base import Span, words
from outreach.screening.detectors.spans import SENTENCE_ENDS, clause_end, clause_start
from outreach.screening.detectors.wording.hint import hint

_NUMERALS: Final = {
    "三": 3, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十五": 15, "二十": 20, "三十": 30,
}  # fmt: skip
_NOTICE: Final = re.compile(r"公示|公告|征求意见")
# 五个工作日内提出意见 is another term, 不少于10个工作日 a least one.
_TERM: Final = re.compile(
    r"(?P<least>不得?少于|不低于|至少)?(?<![0-9一二三四五六七八九十百])(?P<number>[1-9][0-9]{0,2}|[三五六七八九十]|十五|二十|三十)[ ]?个?工作日(?P<within>[之以]?[内后前])?"
)
_DATES: Final = re.compile(
    r"(?:(?P<year>20[0-9]{2})年)?(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日起?(?:至|到|-{1,2}|~)"
    r"(?:(?P<last_year>20[0-9]{2})年)?(?:(?P<last_month>[0-9]{1,2})月)?(?P<last_day>[0-9]{1,2})日"
)
_YEAR: Final = re.compile(r"(20[0-9]{2})年")
_FURTHEST: Final = 80
_LONGEST_NOTICE: Final = timedelta(days=92)
"""Longer spells than a quarter are of something else."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a sentence says of a notice: so many working days, from `first` to `last`."""

    number: int
    first: date
    last: date
    span: Span

    @property
    def is_backwards(self) -> bool:
        return self.last < self.first

    @property
    def days_after_first(self) -> int:
        return working_days_between(self.first, self.last)

    @property
    def days_with_first(self) -> int:
        return self.days_after_first + is_working_day(self.first)


def find(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """公示期10个工作日(2026年4月1日至4月8日)."""
    for start, end in hits:
        begin = clause_start(text, start, _FURTHEST, SENTENCE_ENDS)
        sentence = text[begin : clause_end(text, end, _FURTHEST, SENTENCE_ENDS)]
        claim = _claim(sentence) if _NOTICE.search(sentence) else None
        if claim and not _fits(claim):
            yield begin + claim.span[0], begin + claim.span[1]


def _fits(claim: _Claim) -> bool:
    return not claim.is_backwards and 0 <= claim.number - claim.days_after_first <= is_working_day(
        claim.first
    )


def _claim(sentence: str) -> _Claim | None:
    """The only term and the only dates of a sentence; None where there are others too, or nothing is certain."""
    terms, spells = list(_TERM.finditer(sentence)), list(_DATES.finditer(sentence))
    if len(terms) != 1 or len(spells) != 1 or terms[0]["least"] or terms[0]["within"]:
        return None
    term, spell = terms[0], spells[0]
    years = list(_YEAR.finditer(sentence, 0, spell.start() + (5 if spell["year"] else 0)))
    if not years or not (dates := _dates(spell, int(years[-1][1]))):
        return None
    number = _NUMERALS.get(term["number"]) or int(term["number"])
    span = min(term.start(), spell.start(), years[-1].start()), max(term.end(), spell.end())
    return _Claim(number, *dates, span)


def _dates(spell: re.Match[str], year: int) -> tuple[date, date] | None:
    try:
        first = date(year, int(spell["month"]), int(spell["day"]))
        last = date(
            int(spell["last_year"] or year), int(spell["last_month"] or first.month), int(spell["last_day"])
        )
    except ValueError:  # a date that there is not is told by another rule
        return None
    is_certain = is_announced(first) and is_announced(last) and last - first <= _LONGEST_NOTICE
    return (first, last) if is_certain else None


def _advice(found: str) -> str:
    claim = _claim(found)
    assert claim, "what was found in a sentence is found in its part"
    fits = [add_working_days(claim.first, claim.number)[0]]
    if is_working_day(claim.first):
        fits.insert(0, add_working_days(claim.first, claim.number - 1)[0])
    until = "或".join(f"{day.month}月{day.day}日" for day in fits)
    if claim.is_backwards:
        odd = "结束日期早于开始日期"
    else:
        odd = f"这一期间有{claim.days_with_first}个工作日（首日不计为{claim.days_after_first}个）"
    return f"所写{claim.number}个工作日与起止日期不符：{odd}。{claim.number}个工作日应到{until}，请核对期限或日期。"


DETECTORS: Final = (
    hint(
        "period", "工作日与日期不符", words("工作日"), find, _advice, "《建设项目环境影响评价政府信息公开指南（试行）》；国务院办公厅节假日安排"
    ),
)  # fmt: skip
