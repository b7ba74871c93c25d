"""What calls answer of a month's figures."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from outreach.channels.model import ChannelName
from outreach.items.model import Kind


class CountShape(BaseModel):
    """Posts that went out, and how many of them were withdrawn since."""

    original: int
    repost: int
    withdrawn: int


class MonthRowShape(CountShape):
    """A month's posts of one kind and section on one account."""

    channel: ChannelName
    account: str
    kind: Kind
    section: str


class MonthTotalsShape(CountShape):
    """A month's posts in all, and by channel and kind."""

    by_channel: dict[ChannelName, CountShape]
    by_kind: dict[Kind, CountShape]


class ContentCountShape(BaseModel):
    """Items that went out, each counted once."""

    original: int
    repost: int


class MonthShape(BaseModel):
    """A month's figures; `corrections` is what changed after it was closed."""

    month: str
    timezone: str
    closed: bool
    rows: list[MonthRowShape]
    totals: MonthTotalsShape
    contents: ContentCountShape
    corrections: list[dict[str, Any]]
