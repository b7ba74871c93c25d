"""Working days in mainland China: weekends, statutory holidays and the days worked in lieu of them.

The holidays are those that the State Council's office announces each November for the next year. A year for
which nothing is known counts Monday to Friday, and whatever was counted so is an estimate (预估).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar
from chinese_calendar.constants import holidays

_ANNOUNCED: Final = range(min(holidays).year, max(holidays).year + 1)
_MONDAY_TO_FRIDAY: Final = range(5)
_ONE_DAY: Final = timedelta(days=1)


def is_announced(day: date) -> bool:
    """Whether the holidays of that day's year are known."""
    return day.year in _ANNOUNCED


@lru_cache(maxsize=4096)  # a few years of days, asked for over and over
def is_working_day(day: date) -> bool:
    """Whether offices work on that day."""
    if not is_announced(day):
        return day.weekday() in _MONDAY_TO_FRIDAY
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=4096)  # an import asks for the same few days thousands of times
def add_working_days(day: date, number: int) -> tuple[date, bool]:
    """The last of `number` working days after `day`, which is not counted itself, and whether it is an
    estimate. Raises ValueError for a negative number."""
    if number < 0:
        raise ValueError("a term has no negative length")
    is_estimate = False
    while number:
        day += _ONE_DAY
        is_estimate = is_estimate or not is_announced(day)
        number -= is_working_day(day)
    return day, is_estimate


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and with `end`; none where the end is not later."""
    days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(is_working_day(day) for day in days)
