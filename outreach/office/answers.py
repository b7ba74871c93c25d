"""What a follower is answered who wrote, or pressed a button of the menu, whose key is the words that it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.follower_protocol import Answer
from outreach.channels.queries import get_account
from outreach.followers.conversations.model import Message
from outreach.followers.model import Follower
from outreach.followers.questions.service import note
from outreach.followers.topics.queries import region
from outreach.office.command_answers import Turn, answer_words
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
    account = await get_account(session, asked.account_id)
    follower = await session.get_one(Follower, asked.follower_id)
    if not follower.subscribed:
        return []  # an event that came late, of somebody who has left
    message = await session.get_one(Message, asked.message_id)
    turn = Turn(office.settings, session, account, follower, message, await region(session))
    said = asked.words or asked.key or ""
    if told := await answer_words(turn, said):
        return [told]
    if asked.is_report:
        return [await turn.say("report")]
    await note(session, account.id, said)
    return [await turn.say("unknown")]
