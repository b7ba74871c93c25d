"""A month's totals beside those of the month before and of the same month a year before. No session, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from outreach.statistics.queries import MonthBeside, MonthFigures
from outreach.statistics.queries.year import Source, YearFigures, YearMonth

TOTALS: Final[Mapping[str, str]] = {
    "original": "发布件数：原创",
    "repost": "发布件数：转载",
    "withdrawn": "其中已撤回",
    "content_original": "内容数：原创",
    "content_repost": "内容数：转载",
}
"""The totals of a month or a year by their names, as they are called."""
_IMPORTED: Final = frozenset({"original", "repost"})


@dataclass(frozen=True, slots=True)
class Compared:
    """One total and what it was before; None where it is not known."""

    key: str
    label: str
    number: int | None
    earlier: Sequence[int | None]

    def change(self, place: int) -> str:
        """By how much it rose (`+3`) or fell (`-3`) against the earlier one at that place; empty where one is not known."""
        before = self.earlier[place]
        if self.number is None or before is None:
            return ""
        return f"{self.number - before:+d}" if self.number != before else "0"


def compare_month(figures: MonthFigures, beside: MonthBeside) -> list[Compared]:
    """Each total of the month (of a closed one as it was closed), with the month before and a year before."""
    own = {**figures.total(), "content_original": figures.content_original}
    own["content_repost"] = figures.content_repost
    is_own = figures.closed is not None or beside.month.source is Source.OWN
    return [
        Compared(
            key,
            label,
            own[key] if is_own else known(beside.month, key),
            [known(beside.previous, key), known(beside.year_before, key)],
        )
        for key, label in TOTALS.items()
    ]


def compare_year(figures: YearFigures, before: YearFigures) -> list[Compared]:
    """Each total of the year with that of the year before."""
    return [Compared(key, label, known(figures, key), [known(before, key)]) for key, label in TOTALS.items()]


def known(figures: YearMonth | YearFigures, key: str) -> int | None:
    """That total; None where nothing is known of it: imported figures say nothing of withdrawals and contents."""
    if figures.source is None or (figures.source is Source.IMPORTED and key not in _IMPORTED):
        return None
    number: int = getattr(figures, key)
    return number
