"""What calls answer of a year's figures."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from outreach.items.model import Kind
from outreach.statistics.queries.year import Source
from outreach.web.api.month_shapes import ContentCountShape, CorrectionShape, CountShape, MonthRowShape

ChannelKey = Literal["wechat", "weibo", "site", "undivided"]
"""A channel, or `undivided`: imported without telling channels apart."""


class YearMonthShape(CountShape):
    """A month of a year. `source` is null where nothing is known of it."""

    month: str
    source: Source | None
    closed: bool
    by_channel: dict[ChannelKey, CountShape]
    contents: ContentCountShape


class YearTotalsShape(CountShape):
    """A year's posts in all, by channel, and (of the months counted here) by kind."""

    by_channel: dict[ChannelKey, CountShape]
    by_kind: dict[Kind, CountShape]


class YearShape(BaseModel):
    """A year's figures: what its months were closed with and what was listed since. `imported_year`: only the whole
    year's figures are known. `sources` says where imported figures come from, `differences` (Chinese) what
    contradicts."""

    year: int
    timezone: str
    source: Source | None
    months: list[YearMonthShape]
    rows: list[MonthRowShape]
    totals: YearTotalsShape
    contents: ContentCountShape
    imported_year: bool
    sources: list[str]
    corrections: list[CorrectionShape]
    differences: list[str]
