"""A year's figures: the sum of its months, own ones or, from before the start, imported ones.

A year uses what each month has by now: of a closed month what it was closed with and what was listed against it since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.items.model import Origin
from outreach.people.model import Person
from outreach.statistics.imported import ImportedPeriod, contradictions, parts_that_differ
from outreach.statistics.model import NONE
from outreach.statistics.queries.kept import FIRST_OWN_MONTH, Correction, Kept, kept
from outreach.statistics.queries.month import (
    NUMBERS,
    MonthRow,
    contents_of,
    rows_of,
    totals_by,
    without_name,
)
from outreach.statistics.rules import month_label, months_of


class Source(StrEnum):
    """Where a figure comes from: counted here, imported, or both (of a year)."""

    OWN = "own"
    IMPORTED = "imported"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class YearMonth:
    """A month of a year. `by_channel` has an empty key for what was imported without its channel. Without a `source`
    nothing is known of it."""

    month: str
    source: Source | None
    closed: bool
    original: int
    repost: int
    withdrawn: int
    content_original: int
    content_repost: int
    by_channel: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A year's figures. `rows` are of the months that were counted here alone. `imported_year`: no month is known, the
    totals are those that were imported for the whole year. `differences` (Chinese) names what contradicts."""

    year: int
    source: Source | None
    months: list[YearMonth]
    rows: list[MonthRow]
    original: int
    repost: int
    withdrawn: int
    content_original: int
    content_repost: int
    by_channel: Mapping[str, Mapping[str, int]]
    imported_year: bool
    sources: list[str]
    corrections: list[Correction] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def closed_months(self) -> list[str]:
        """The months that are closed."""
        return [one.month for one in self.months if one.closed]

    def by(self, name: str) -> dict[str, dict[str, int]]:
        """The totals of `rows` by `channel`, `kind`, `section` or `account_name`."""
        return totals_by(self.rows, name)


async def year_figures(session: AsyncSession, year: int, reader: Person | None = None) -> YearFigures:
    """The figures of `year` for the sections of `reader`; None reads all. Imported figures, which know no sections, are
    for whoever reads all."""
    first, last = f"{year:04}-01", f"{year:04}-12"
    found = await kept(session, first, last, reader)
    start, imported = found.first_own_month, found.imported
    months = known_months(found, months_of(year))
    whole = imported.get(f"{year:04}")
    told = [told for period in imported.values() for told in parts_that_differ(period)]
    told += [said for month in months if (said := against_own(month, imported.get(month.month)))]
    known = [month for month in months if month.source is not None]
    is_before = start is None or last < start
    if whole is not None and is_before and len(known) < len(months):
        if known:
            told += [f"{year}年只导入了 {len(known)} 个月的数字，全年数以导入的全年数为准。"]
        return _of_whole(year, months, whole, told)
    if whole is not None and known:
        sums = {Origin.ORIGINAL: _sum(known, "original"), Origin.REPOST: _sum(known, "repost")}
        told += contradictions(whole, sums, "各月之和")
    missing = [month_label(month.month) for month in months if month.source is None]
    if missing and _has(known, Source.IMPORTED):
        told.append(f"没有导入{'、'.join(missing)}的数字，全年数不含这些月份。")
    return YearFigures(
        year,
        _source_of(known),
        months,
        rows_of(found),
        _sum(known, "original"),
        _sum(known, "repost"),
        _sum(known, "withdrawn"),
        _sum(known, "content_original"),
        _sum(known, "content_repost"),
        _channels(known),
        imported_year=False,
        sources=sorted({one for month in known for one in _sources(month, imported)}),
        corrections=list(found.corrections),
        differences=told,
    )


def year_as_json(figures: YearFigures, zone: str) -> dict[str, Any]:
    """The answer of the annual statistics call."""
    return {
        "year": figures.year,
        "timezone": zone,
        "source": figures.source,
        "months": [_month_as_json(month) for month in figures.months],
        "rows": [without_name(row) for row in figures.rows],
        "totals": {
            "original": figures.original,
            "repost": figures.repost,
            "withdrawn": figures.withdrawn,
            "by_channel": _named(figures.by_channel),
            "by_kind": figures.by("kind"),
        },
        "contents": {"original": figures.content_original, "repost": figures.content_repost},
        "imported_year": figures.imported_year,
        "sources": figures.sources,
        "corrections": [without_name(one) for one in figures.corrections],
        "differences": figures.differences,
    }


def _month_as_json(month: YearMonth) -> dict[str, Any]:
    return {
        "month": month.month,
        "source": month.source,
        "closed": month.closed,
        "original": month.original,
        "repost": month.repost,
        "withdrawn": month.withdrawn,
        "by_channel": _named(month.by_channel),
        "contents": {"original": month.content_original, "repost": month.content_repost},
    }


def _named(by_channel: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    return {channel or "undivided": numbers for channel, numbers in by_channel.items()}


async def first_own_month(session: AsyncSession) -> str | None:
    """The month of the first post that was counted here; None before there is any."""
    return await session.scalar(FIRST_OWN_MONTH)


def known_months(found: Kept, months: Sequence[str]) -> list[YearMonth]:
    """Each of the months: as it was counted here or, before there were own posts, as it was imported."""
    start, own = found.first_own_month, own_months(found, months)
    return [
        own[month]
        if start is not None and month >= start
        else imported_month(month, found.imported.get(month))
        for month in months
    ]


def own_months(found: Kept, months: Sequence[str]) -> dict[str, YearMonth]:
    """What was counted here in each of the months, by now."""
    channels: dict[str, dict[str, dict[str, int]]] = {month: {} for month in months}
    for one in found.months:
        if one.month in channels:
            channels[one.month][one.channel] = {name: getattr(one, name) for name in NUMBERS}
    return {
        month: _own_month(month, by, contents_of(found, month), is_closed=month in found.closings)
        for month, by in channels.items()
    }


def _own_month(
    month: str, by: Mapping[str, Mapping[str, int]], contents: tuple[int, int], *, is_closed: bool
) -> YearMonth:
    original, repost, withdrawn = (sum(one[name] for one in by.values()) for name in NUMBERS)
    return YearMonth(month, Source.OWN, is_closed, original, repost, withdrawn, *contents, by)


def imported_month(month: str, period: ImportedPeriod | None) -> YearMonth:
    """The month as it was imported; without a source where nothing was."""
    if period is None:
        return YearMonth(month, None, False, 0, 0, 0, 0, 0, {})
    original, repost = period.number(Origin.ORIGINAL) or 0, period.number(Origin.REPOST) or 0
    return YearMonth(month, Source.IMPORTED, False, original, repost, 0, 0, 0, _imported_channels(period))


def _imported_channels(period: ImportedPeriod) -> dict[str, dict[str, int]]:
    by = {
        channel: {
            "original": period.number(Origin.ORIGINAL, channel) or 0,
            "repost": period.number(Origin.REPOST, channel) or 0,
            "withdrawn": 0,
        }
        for channel in period.channels
    }
    left = {
        str(origin): (period.number(origin) or 0) - sum(one[str(origin)] for one in by.values())
        for origin in Origin
    }
    return {**by, NONE: {**left, "withdrawn": 0}} if any(left.values()) else by


def _of_whole(year: int, months: Sequence[YearMonth], whole: ImportedPeriod, told: list[str]) -> YearFigures:
    return YearFigures(
        year,
        Source.IMPORTED,
        list(months),
        [],
        whole.number(Origin.ORIGINAL) or 0,
        whole.number(Origin.REPOST) or 0,
        0,
        0,
        0,
        _imported_channels(whole),
        imported_year=True,
        sources=whole.sources,
        differences=told,
    )


def against_own(month: YearMonth, period: ImportedPeriod | None) -> str | None:
    """Where what was imported for a month is not what was counted in it here, in Chinese."""
    if period is None or month.source is not Source.OWN:
        return None
    labels = {Origin.ORIGINAL: ("原创", month.original), Origin.REPOST: ("转载", month.repost)}
    told = [
        f"{label}导入 {number} 件、本系统计 {own} 件"
        for origin, (label, own) in labels.items()
        if (number := period.number(origin)) is not None and number != own
    ]
    return f"{month_label(month.month)}：{'，'.join(told)}；以本系统的计数为准。" if told else None


def _sum(months: Sequence[YearMonth], name: str) -> int:
    return sum(getattr(month, name) for month in months)


def _channels(months: Sequence[YearMonth]) -> dict[str, dict[str, int]]:
    by: dict[str, dict[str, int]] = {}
    for month in months:
        for channel, numbers in month.by_channel.items():
            sums = by.setdefault(channel, dict.fromkeys(numbers, 0))
            for name, number in numbers.items():
                sums[name] += number
    return by


def _has(months: Sequence[YearMonth], source: Source) -> bool:
    return any(month.source is source for month in months)


def _source_of(known: Sequence[YearMonth]) -> Source | None:
    sources = {month.source for month in known}
    return None if not sources else sources.pop() if len(sources) == 1 else Source.MIXED


def _sources(month: YearMonth, imported: Mapping[str, ImportedPeriod]) -> list[str]:
    return imported[month.month].sources if month.source is Source.IMPORTED else []
