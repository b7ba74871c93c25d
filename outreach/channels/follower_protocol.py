"""What a channel can do that has followers: WeChat's.

It raises the same ChannelErrors as any channel (`channels.protocol`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """Words; links in them may be `<a href="…">…</a>`. At most 2048 bytes of UTF-8."""

    text: str


@dataclass(frozen=True, slots=True)
class NewsAnswer:
    """One article to open: `url` and `picture_url` are absolute."""

    title: str
    description: str
    url: str
    picture_url: str = ""


Answer = TextAnswer | NewsAnswer


@dataclass(frozen=True, slots=True)
class FollowerPage:
    """A part of the list of all who follow. `total` counts the whole list; `next_openid` is after whom the next page
    begins, None after the last one."""

    total: int
    openids: tuple[str, ...] = field(repr=False)
    next_openid: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Detail:
    """Since when somebody follows (aware); None: they follow no longer."""

    openid: str = field(repr=False)
    subscribed_at: datetime | None


class FollowerChannel(Protocol):
    """One account's way to its followers. No method is called inside a database transaction."""

    async def list_followers(self, after: str | None) -> FollowerPage:
        """The page of the list that follows on the openid `after`, or the first one. Raises ChannelError."""

    async def details(self, openids: Sequence[str]) -> list[Detail]:
        """What is told of these, of a hundred at most. Raises ChannelError."""

    async def tell(self, openid: str, answer: Answer) -> None:
        """Says something to one follower who wrote within 48 hours, or pressed the menu within a minute. Not to be
        repeated after OutcomeUnknown. Raises ChannelError; Refused where this follower can't be reached now."""
