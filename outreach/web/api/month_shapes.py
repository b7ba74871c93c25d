"""What calls answer of a month's figures."""

from __future__ import annotations

from pydantic import BaseModel

from outreach.channels.model import ChannelName
from outreach.items.model import Kind
from outreach.web.api.post_shapes import Moment


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


class CorrectionShape(CountShape):
    """What changed after a month was closed: by how many posts, withdrawn posts and contents, and why (Chinese)."""

    at: Moment
    channel: ChannelName | None
    account: str | None
    kind: Kind
    section: str
    contents: int
    reason: str
    post: str | None


class MonthShape(BaseModel):
    """A month's figures; `corrections` is what changed after it was closed."""

    month: str
    timezone: str
    closed: bool
    rows: list[MonthRowShape]
    totals: MonthTotalsShape
    contents: ContentCountShape
    corrections: list[CorrectionShape]
