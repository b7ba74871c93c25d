"""What a channel can do that has followers: WeChat's.

It raises the same ChannelErrors as any channel (`channels.protocol`).
"""

from __future__ import annotations

from dataclasses import dataclass
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


class FollowerChannel(Protocol):
    """One account's way to its followers. No method is called inside a database transaction."""

    async def tell(self, openid: str, answer: Answer) -> None:
        """Says something to one follower who wrote within 48 hours, or pressed the menu within a minute. Not to be
        repeated after OutcomeUnknown. Raises ChannelError; Refused where this follower can't be reached now."""
