"""Reads the notice of the State Council's office on the holidays of a year (关于某年部分节假日安排的通知), in its own words.

    二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。

What the notice says of weekdays and of the number of days is checked against the dates: a wrong year or a slip of the
pen does not pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from outreach.catalogue.calendar import NamedDay
from outreach.foundation.problems import FieldError, InvalidContent

FESTIVALS: Final = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_LONGEST: Final = 16
_WEEKDAYS: Final = "一二三四五六日"
_WEEKEND: Final = (5, 6)

_ANY_FESTIVAL: Final = "|".join(FESTIVALS)
_HEADING: Final = re.compile(rf"((?:{_ANY_FESTIVAL})(?:[、和](?:{_ANY_FESTIVAL}))*)[：:]")
_SENTENCE: Final = re.compile(r"[。；;\n]")
_BLANK: Final = re.compile(r"[ \t\r\u3000\u200b]")
_DATES: Final = re.compile(
    r"(?:(?P<year>[0-9]{4})年)?(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日(?:[（(](?P<note>[^（）()]*)[）)])?"
    r"(?:[至到](?:(?:(?P<last_year>[0-9]{4})年)?(?P<last_month>[0-9]{1,2})月)?(?P<last_day>[0-9]{1,2})日"
    r"(?:[（(](?P<last_note>[^（）()]*)[）)])?)?"
)
_ACT: Final = re.compile(r"放假|上班")
_NUMBER: Final = re.compile(r"(?:共|放假)([0-9]{1,2})天")
_WEEKDAY: Final = re.compile(rf"(?:周|星期)([{_WEEKDAYS}天])")


@dataclass(frozen=True, slots=True)
class _Spell:
    """The days that one expression of a sentence names, what they are, and the sentence itself."""

    days: list[date]
    works: bool
    sentence: str


def read_notice(year: int, text: str) -> list[NamedDay]:
    """The days that the notice of `year` names, in their order. Raises InvalidContent with all that doesn't fit."""
    errors: list[str] = []
    named: dict[date, NamedDay] = {}
    sections = list(_sections(_BLANK.sub("", text)))
    missing = [one for one in FESTIVALS if not any(one in heading for heading, _ in sections)]
    if missing:
        errors.append(f"没有找到：{'、'.join(missing)}。请粘贴通知的全文，各节日名称后要有冒号。")
    for heading, content in sections:
        before = len(named)
        for spell in _spells(year, content, errors):
            errors += _doubts(year, spell)
            for day in spell.days:
                if day in named and named[day].works != spell.works:
                    errors.append(f"{day.month}月{day.day}日既放假又上班，请核对。")
                named[day] = NamedDay(day, heading, spell.works)
        if len(named) == before:
            errors.append(f"“{heading}”后面没有放假的日期。")
    if errors:
        told = [FieldError("text", message) for message in dict.fromkeys(errors)]
        raise InvalidContent(told[0].message, errors=told)
    return [named[day] for day in sorted(named)]


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Each holiday's name, and what is said of it until the next one."""
    found = list(_HEADING.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    for heading, end in zip(found, ends, strict=True):
        yield heading[1], text[heading.end() : end]


def _spells(year: int, content: str, errors: list[str]) -> Iterator[_Spell]:
    for sentence in _SENTENCE.split(content):
        off = 0
        for found in _DATES.finditer(sentence):
            act = _ACT.search(sentence, found.end())
            if act is None:
                continue  # 安排职工在除夕休息 is advice, no holiday
            try:
                days = _days(year, found, errors)
            except ValueError:
                errors.append(f"没有“{found[0]}”这样的日期。")
                continue
            works = act[0] == "上班"
            off += 0 if works else len(days)
            yield _Spell(days, works, found[0])
        told = _NUMBER.search(sentence)
        if told and off and int(told[1]) != off:
            errors.append(f"写着放假 {told[1]} 天，按日期是 {off} 天：“{sentence[:40]}”。")


def _days(year: int, found: re.Match[str], errors: list[str]) -> list[date]:
    """From the first to the last day. Raises ValueError where there is no such date."""
    first = date(int(found["year"] or year), int(found["month"]), int(found["day"]))
    _check_weekday(first, found["note"], errors)
    if not found["last_day"]:
        return [first]
    last_year = int(found["last_year"] or first.year)
    last = date(last_year, int(found["last_month"] or first.month), int(found["last_day"]))
    _check_weekday(last, found["last_note"], errors)
    length = (last - first).days + 1
    if not 1 <= length <= _LONGEST:
        errors.append(f"“{found[0]}”的起止日期不对，请核对。")
        return [first]
    return [first + timedelta(days=number) for number in range(length)]


def _check_weekday(day: date, note: str | None, errors: list[str]) -> None:
    told = _WEEKDAY.search(note or "")
    right = _WEEKDAYS[day.weekday()]
    if told and told[1].replace("天", "日") != right:
        errors.append(f"{day.year}年{day.month}月{day.day}日是周{right}，不是周{told[1]}。请核对年份和日期。")


def _doubts(year: int, spell: _Spell) -> Iterator[str]:
    for day in spell.days:
        if day.year != year and (day.year, day.month) != (year - 1, 12):
            yield f"“{spell.sentence}”不在 {year} 年，请核对年份。"
        if spell.works and day.weekday() not in _WEEKEND:
            yield f"{day.month}月{day.day}日不是周末，本来就上班，请核对。"
