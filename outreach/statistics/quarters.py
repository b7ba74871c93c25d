"""Quarters of the year, by the office's calendar. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from outreach.foundation.clock import YEARS
from outreach.foundation.problems import invalid

_WRITTEN: Final = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter; `number` from 1 to 4. Written `2026-Q4`."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def label(self) -> str:
        """As people call it: 2026年第四季度."""
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        """The one after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        """The one before."""
        return Quarter(self.year - (self.number == 1), (self.number + 2) % 4 + 1)

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first moment, and that of the next one, in `zone`."""
        return (
            datetime.combine(self.first_day, time(), zone),
            datetime.combine(self.next.first_day, time(), zone),
        )


def quarter_of(day: date) -> Quarter:
    """The quarter that a day lies in."""
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str) -> Quarter:
    """The quarter that is written `2026-Q4`. Raises InvalidContent."""
    found = _WRITTEN.fullmatch(text)
    if found is None or int(found[1]) not in YEARS:
        raise invalid("quarter", f"“{text[:20]}”不是季度。请写成年份和季度，例如 2026-Q4。")
    return Quarter(int(found[1]), int(found[2]))
