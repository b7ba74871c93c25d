"""How much the office published in a year, from its own count: the one place at which the report asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account, ChannelName
from outreach.items.model import Origin
from outreach.statistics.model import Tally


@dataclass(frozen=True, slots=True)
class PublishedYear:
    """The months of a year, as `YYYY-MM`.

    Attributes:
        first_own_month: the month of the service's first own post of all; None before there is any.
        own: by name of the figure, then by month: what the service counted itself, closed months with corrections.
        imported: the same for months that were imported; they lie before the first own one.
    """

    year: int
    first_own_month: str | None
    own: Mapping[str, Mapping[str, int]]
    imported: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def months(self) -> list[str]:
        """January to December."""
        return [f"{self.year}-{month:02}" for month in range(1, 13)]

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
    """What the kept tallies say of the months of `year` (Asia/Shanghai). A post withdrawn since stays counted."""
    first = await session.scalar(select(func.min(Tally.month)).where(Tally.posts > 0))
    query = (
        select(Tally.month, Account.channel, Tally.origin, func.sum(Tally.posts))
        .join_from(Tally, Account)
        .where(Tally.month.between(f"{year}-01", f"{year}-12"))
        .group_by(Tally.month, Account.channel, Tally.origin)
    )
    own: dict[str, dict[str, int]] = {key: {} for key in (ORIGINAL, *_OF_CHANNEL.values())}
    for month, channel, origin, posts in await session.execute(query):
        if channel not in _OF_CHANNEL:
            continue
        _add(own[_OF_CHANNEL[channel]], month, int(posts))
        if origin is Origin.ORIGINAL:
            _add(own[ORIGINAL], month, int(posts))
    return PublishedYear(year, first, own)


def _add(months: dict[str, int], month: str, posts: int) -> None:
    months[month] = months.get(month, 0) + posts


ORIGINAL = "social.original"
_OF_CHANNEL: Mapping[ChannelName, str] = {
    ChannelName.WECHAT: "social.wechat",
    ChannelName.WEIBO: "social.weibo",
}
PUBLISHED = (ORIGINAL, *_OF_CHANNEL.values())
"""The figures that come from publishing."""
