"""How much the office published in a year: the one place at which the report asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import ChannelName
from outreach.items.model import Origin
from outreach.statistics.imported import ImportedPeriod
from outreach.statistics.queries.kept import kept
from outreach.statistics.queries.year import YearMonth, own_months
from outreach.statistics.rules import months_of

ORIGINAL: Final = "social.original"
_OF_CHANNEL: Final[Mapping[ChannelName, str]] = {
    ChannelName.WECHAT: "social.wechat",
    ChannelName.WEIBO: "social.weibo",
}
PUBLISHED: Final = (ORIGINAL, *_OF_CHANNEL.values())
"""The figures that come from publishing: the originals in all, and every post of a channel."""


@dataclass(frozen=True, slots=True)
class PublishedYear:
    """The months of a year, as `YYYY-MM`.

    Attributes:
        first_own_month: the month of the service's first own post of all; None before there is any.
        own: by name of the figure, then by month: what the service counted itself, closed months with corrections.
        imported: the same for months that were imported and lie before the first own one.
        whole: the originals that were imported for the whole year, and where they come from.
    """

    year: int
    first_own_month: str | None
    own: Mapping[str, Mapping[str, int]]
    imported: Mapping[str, Mapping[str, int]]
    whole: tuple[int, str] | None

    @property
    def months(self) -> list[str]:
        """January to December."""
        return months_of(self.year)

    @property
    def lies_before(self) -> bool:
        """Whether the year ended before the service's first own post."""
        return self.first_own_month is None or self.first_own_month > self.months[-1]

    def counted(self, key: str) -> int:
        """The year's figure: the sum of its months."""
        return sum(self.own.get(key, {}).values()) + sum(self.imported.get(key, {}).values())

    def unknown_months(self, key: str) -> list[str]:
        """The months before the first own post for which nothing was imported."""
        known = self.imported.get(key, {})
        first = self.first_own_month or "9999-12"
        return [month for month in self.months if month < first and month not in known]


async def published_year(session: AsyncSession, year: int) -> PublishedYear:
    """What is kept of the months of `year` (Asia/Shanghai). A post withdrawn since stays counted."""
    months = months_of(year)
    found = await kept(session, months[0], months[-1], None)
    first, imported, counted = found.first_own_month, found.imported, own_months(found, months)
    own = [counted[month] for month in months if first is not None and month >= first]
    before = [imported[month] for month in months if month in imported and (first is None or month < first)]
    whole = imported.get(f"{year:04}")
    originals = whole.number(Origin.ORIGINAL) if whole else None
    return PublishedYear(
        year,
        first,
        {key: {month.month: tell(month) for month in own} for key, tell in _COUNTED.items()},
        {
            key: {period.period: number for period in before if (number := tell(period)) is not None}
            for key, tell in _IMPORTED.items()
        },
        (originals, "，".join(whole.sources)) if whole and originals is not None else None,
    )


def _posts_on(channel: ChannelName) -> Callable[[YearMonth], int]:
    return lambda month: sum(month.by_channel.get(channel, {}).get(str(origin), 0) for origin in Origin)


def _imported_on(channel: ChannelName) -> Callable[[ImportedPeriod], int | None]:
    def tell(period: ImportedPeriod) -> int | None:
        known = [one for origin in Origin if (one := period.number(origin, channel)) is not None]
        return sum(known) if known else None

    return tell


_COUNTED: Final[Mapping[str, Callable[[YearMonth], int]]] = {
    ORIGINAL: lambda month: month.original,
    **{key: _posts_on(channel) for channel, key in _OF_CHANNEL.items()},
}
_IMPORTED: Final[Mapping[str, Callable[[ImportedPeriod], int | None]]] = {
    ORIGINAL: lambda period: period.number(Origin.ORIGINAL),
    **{key: _imported_on(channel) for channel, key in _OF_CHANNEL.items()},
}
