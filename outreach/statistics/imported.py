"""What imported figures say of a month or a year: totals, and totals by channel. No session, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from outreach.items.model import Origin
from outreach.statistics.model import NONE

_ORIGIN_LABELS: Final[Mapping[Origin, str]] = {Origin.ORIGINAL: "原创", Origin.REPOST: "转载"}


class ImportedNumber(NamedTuple):
    """How many posts of an origin went out in `period`; `channel` and `kind` are empty where its source does not tell
    them apart."""

    period: str
    channel: str
    kind: str
    origin: Origin
    posts: int
    source: str


@dataclass(frozen=True, slots=True)
class ImportedPeriod:
    """The imported figures of one period, `YYYY-MM` or `YYYY`."""

    period: str
    rows: Sequence[ImportedNumber]

    def number(self, origin: Origin, channel: str = NONE) -> int | None:
        """How many posts of that origin went out, in all or on a channel; None where nothing was imported of it. A row
        that does not tell channels or kinds apart is the whole; else the whole is the sum of its parts."""
        rows = [row for row in self.rows if row.origin is origin]
        if channel:
            return _whole([row for row in rows if row.channel == channel])
        if undivided := [row for row in rows if row.channel == NONE]:
            return _whole(undivided)
        parts = [self.number(origin, one) for one in sorted({row.channel for row in rows})]
        return sum(part for part in parts if part is not None) if parts else None

    @property
    def channels(self) -> list[str]:
        """The channels that are told apart."""
        return sorted({row.channel for row in self.rows} - {NONE})

    @property
    def sources(self) -> list[str]:
        """Where the figures come from."""
        return sorted({row.source for row in self.rows})


def by_period(rows: Iterable[ImportedNumber]) -> dict[str, ImportedPeriod]:
    """The figures by the period that they are of."""
    grouped: dict[str, list[ImportedNumber]] = {}
    for row in rows:
        grouped.setdefault(row.period, []).append(row)
    return {period: ImportedPeriod(period, several) for period, several in grouped.items()}


def contradictions(year: ImportedPeriod, months: Mapping[Origin, int], own: str) -> list[str]:
    """Where the imported figures of a whole year are not what its months come to (`own` says which months), in Chinese."""
    told = []
    for origin, label in _ORIGIN_LABELS.items():
        number = year.number(origin)
        if number is not None and number != months[origin]:
            told.append(
                f"{year.period}年全年导入的{label}件数为 {number}，{own}为 {months[origin]}，"
                f"相差 {abs(number - months[origin])}。"
            )
    return told


def parts_that_differ(period: ImportedPeriod) -> list[str]:
    """Where the channels do not add up to the whole that was imported beside them, in Chinese."""
    told = []
    for origin, label in _ORIGIN_LABELS.items():
        whole, parts = period.number(origin), [period.number(origin, one) or 0 for one in period.channels]
        has_whole = any(row.origin is origin and row.channel == NONE for row in period.rows)
        has_parts = any(row.origin is origin and row.channel != NONE for row in period.rows)
        if has_whole and has_parts and sum(parts) != whole:
            told.append(f"{period.period}导入的{label}总数为 {whole}，各渠道之和为 {sum(parts)}。")
    return told


def _whole(rows: Sequence[ImportedNumber]) -> int | None:
    if not rows:
        return None
    undivided = [row.posts for row in rows if row.kind == NONE]
    return sum(undivided or [row.posts for row in rows])
