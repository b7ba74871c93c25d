"""What a channel can tell of its readers and followers: WeChat's.

It raises the same ChannelErrors as any channel (`channels.protocol`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ArticleFigures:
    """What had come of an article up to the end of the day `on`, all sums since it was published. None: not told.
    `data_id` and `article_idx` (from 1) name the article, as the answer to the call did that published it."""

    data_id: str
    article_idx: int
    title: str
    on: date
    read_users: int | None = None
    read_count: int | None = None
    share_users: int | None = None
    share_count: int | None = None
    favourite_users: int | None = None
    zaikan_users: int | None = None
    like_users: int | None = None
    comments: int | None = None
    target_users: int | None = None


@dataclass(frozen=True, slots=True)
class FollowerFigures:
    """Who came and who left on the day `on`, and how many followed at its end. None: not told."""

    on: date
    came: int | None
    left: int | None
    following: int | None


class FiguresChannel(Protocol):
    """The figures of one account, those of yesterday and before. Raises NotSent while they are not ready."""

    async def articles_of(self, published_on: date) -> Sequence[ArticleFigures]:
        """Of what was published on that day (Asia/Shanghai), for each day since. Raises ChannelError."""

    async def mass_messages_of(self, published_on: date) -> Sequence[ArticleFigures]:
        """The same by the older call, which knows mass messages alone, and counts of them that the newer does not
        tell. Raises ChannelError."""

    async def followers(self, first: date, last: date) -> Sequence[FollowerFigures]:
        """Of each day from `first` to `last`, of seven at most. Raises ChannelError."""
