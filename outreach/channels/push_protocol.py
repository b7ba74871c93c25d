"""What a channel can do that pushes several articles at once to all followers: WeChat's mass messages.

It raises the same ChannelErrors as any channel (`channels.protocol`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from outreach.channels.protocol import Article, Removed, StillUnderWay


@dataclass(frozen=True, slots=True)
class PushTaken:
    """The platform took the push, and tells later under `msg_id` how it came out. `data_id` with the number of
    an article names that article in the platform's figures of readers."""

    msg_id: str
    data_id: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Followers: in the target, left after the platform's filters, reached, missed."""

    total: int
    filtered: int
    sent: int
    errors: int


@dataclass(frozen=True, slots=True)
class Reprint:
    """An article, numbered from 1, in which the platform sees the original of somebody else at
    `original_url`. `can_be_sent`: as a reprint of it."""

    article_idx: int
    original_url: str
    can_be_sent: bool


@dataclass(frozen=True, slots=True)
class PushSent:
    """It is out. `at` is the platform's own time (aware), `urls` the addresses of the articles by their number
    from 1, and `reach` whom it reached: all of them where the platform tells."""

    at: datetime | None = None
    urls: Mapping[int, str] = field(default_factory=dict)
    reach: Reach | None = None
    reprints: tuple[Reprint, ...] = ()


@dataclass(frozen=True, slots=True)
class PushStopped:
    """The platform took it and did not send it. `message` is Chinese, with what to do; `reprints` are the
    articles that were to blame, where it names any."""

    code: str
    message: str
    reprints: tuple[Reprint, ...] = ()


PushResult = PushSent | PushStopped | StillUnderWay | Removed


class PushingChannel(Protocol):
    """One account that can push. No method is called inside a database transaction."""

    async def save_draft(self, articles: Sequence[Article]) -> str:
        """A new draft of these articles on the platform, in their order; its media_id. Safe to repeat, though
        each call makes a draft of its own. Raises ChannelError."""

    async def drop_draft(self, media_id: str) -> None:
        """Takes a draft that nobody needs any more out of the box; one that is gone is well. Raises ChannelError."""

    async def preview(self, media_id: str, recipient: str) -> None:
        """Sends the draft to one follower alone, by openid or by WeChat name (微信号). Raises ChannelError."""

    async def push(self, media_id: str, client_msg_id: str) -> PushTaken:
        """Pushes the draft to all followers. Raises ChannelError; OutcomeUnknown where it may have been taken."""

    async def push_again(self, media_id: str, client_msg_id: str) -> PushTaken:
        """The same push again, whose first answer was lost: the platform takes an id once within 24 hours, and
        names the job that it has. Raises ChannelError; OutcomeUnknown where the first may still have been taken."""

    async def push_result(self, msg_id: str) -> PushResult:
        """How a push that was taken stands. Raises ChannelError."""

    async def delete_pushed(self, msg_id: str, article_idx: int) -> None:
        """Takes down one article of a push, numbered from 1; 0: all of them. For good. Raises ChannelError."""
