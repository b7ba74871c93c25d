"""What a follower is answered who wrote, or pressed a button of the menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.follower_protocol import Answer
from outreach.office.context import Office


@dataclass(frozen=True, slots=True)
class Asked:
    """What a follower asked for: `words` that they wrote, or the `key` of the button that they pressed; one of both.
    `is_report`: the words tell of pollution, and are pointed to 12369 where nothing else answers them."""

    account_id: str
    follower_id: int
    message_id: int
    words: str | None = field(default=None, repr=False)
    key: str | None = None
    is_report: bool = False


async def answer(office: Office, session: AsyncSession, asked: Asked) -> Sequence[Answer]:
    """The answers, in their order; none where there is nothing to say. What it changes belongs to the transaction in
    which the message is handled. Nothing is sent here."""
    return []
