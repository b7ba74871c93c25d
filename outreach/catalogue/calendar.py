"""Working days in mainland China: weekends, statutory holidays and the days worked in lieu of them.

The holidays are those that the State Council's office announces each November for the next year: as the program brings
them along, and above that as the office has entered them (`Entered`). A year for which nothing is known counts Monday
to Friday, and whatever was counted so is an estimate (预估).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from chinese_calendar.constants import Holiday, holidays, workdays

BUILT_IN: Final = range(min(holidays).year, max(holidays).year + 1)
"""The years whose holidays the program brings along."""
_MONDAY_TO_FRIDAY: Final = range(5)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day off by law, or (`works`) one that is worked in lieu; `name` is the holiday's, in Chinese."""

    day: date
    name: str
    works: bool


@dataclass(frozen=True, slots=True, eq=False)
class Entered:
    """What the office has entered: of whole `years`, and each day that a notice names."""

    years: frozenset[int] = frozenset()
    days: Mapping[date, NamedDay] = field(default_factory=dict)


NOTHING_ENTERED: Final = Entered()


def is_announced(day: date, entered: Entered = NOTHING_ENTERED) -> bool:
    """Whether the holidays of that day's year are known."""
    return day.year in entered.years or day.year in BUILT_IN


@lru_cache(maxsize=4096)  # a few years of days, asked for over and over
def is_working_day(day: date, entered: Entered = NOTHING_ENTERED) -> bool:
    """Whether offices work on that day."""
    named = named_day(day, entered)
    return named.works if named else day.weekday() in _MONDAY_TO_FRIDAY


def named_day(day: date, entered: Entered = NOTHING_ENTERED) -> NamedDay | None:
    """What the notice of the holidays says of that day; None where it is a day like others."""
    if day in entered.days:
        return entered.days[day]
    if day.year in entered.years or day.year not in BUILT_IN:
        return None
    if day in workdays:
        return NamedDay(day, _CHINESE[workdays[day]], works=True)
    if day in holidays:
        return NamedDay(day, _CHINESE[holidays[day]], works=False)
    return None


def spells(days: Iterable[NamedDay]) -> list[list[NamedDay]]:
    """The days, in their order, with those together that follow one another and are of the same holiday and kind."""
    grouped: list[list[NamedDay]] = []
    for one in days:
        last = grouped[-1][-1] if grouped else None
        follows = last and (last.day + _ONE_DAY, last.name, last.works) == (one.day, one.name, one.works)
        if grouped and follows:
            grouped[-1].append(one)
        else:
            grouped.append([one])
    return grouped


@lru_cache(maxsize=4096)  # an import asks for the same few days thousands of times
def add_working_days(day: date, number: int, entered: Entered = NOTHING_ENTERED) -> tuple[date, bool]:
    """The last of `number` working days after `day`, which is not counted itself, and whether it is an
    estimate. Raises ValueError for a negative number."""
    if number < 0:
        raise ValueError("a term has no negative length")
    is_estimate = False
    while number:
        day += _ONE_DAY
        is_estimate = is_estimate or not is_announced(day, entered)
        number -= is_working_day(day, entered)
    return day, is_estimate


def working_days_between(start: date, end: date, entered: Entered = NOTHING_ENTERED) -> int:
    """How many working days lie after `start` up to and with `end`; none where the end is not later."""
    days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(is_working_day(day, entered) for day in days)


_CHINESE: Final[Mapping[str, str]] = {one.value: one.chinese for one in Holiday}
