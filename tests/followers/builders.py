"""Followers to try things with."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.follower_protocol import Answer, NewsAnswer
from outreach.channels.model import Account
from outreach.followers.consent import consent, present_notice
from outreach.followers.conversations.model import Message, MessageState
from outreach.followers.conversations.service import plan_replies
from outreach.followers.following import find
from outreach.followers.model import Follower
from outreach.followers.topics.queries import subscriptions_of
from outreach.followers.topics.rules import Wish
from outreach.followers.topics.service import subscribe
from outreach.foundation import clock
from outreach.foundation.ids import new_id
from outreach.foundation.seal import digest
from outreach.office.answers import Asked, answer
from outreach.office.context import Office
from tests.builders import OfficeStory


async def follower(
    story: OfficeStory, openid: str = "oReader", *wishes: Wish, account: Account | None = None
) -> Follower:
    """Somebody who follows the account (the first one), with consent where they ask for something."""
    account = account or (await story.accounts())[0]
    async with story.office.db.begin() as session:
        someone = Follower(account_id=account.id, openid=openid, subscribed=True, subscribed_at=clock.now())
        session.add(someone)
        await session.flush()
        if wishes:
            await consent(session, someone, (await present_notice(session)).hash)
        for wish in wishes:
            await subscribe(session, someone, wish)
    return someone


class Conversation:
    """One follower who writes to an account."""

    def __init__(self, office: Office, account: Account, openid: str) -> None:
        self.office = office
        self.account = account
        self.openid = openid

    async def say(self, words: str) -> str:
        """The answer as one text."""
        now = clock.now()
        async with self.office.db.begin() as session:
            message = Message(
                account_id=self.account.id, dedupe_key=digest(new_id()), kind="text", sent_at=now,
                received_at=now, state=MessageState.HANDLED, due_at=now, follower_id=await self._id(session),
            )  # fmt: skip
            session.add(message)
            await session.flush()
            asked = Asked(self.account.id, message.follower_id or 0, message.id, words=words)
            given = await answer(self.office, session, asked)
            await plan_replies(session, message, given)
        return "\n".join(map(told, given))

    async def someone(self) -> Follower:
        """Who writes, as they stand now."""
        async with self.office.db.read() as session:
            return await session.get_one(Follower, await self._id(session))

    async def wishes(self) -> list[Wish]:
        """What the follower is subscribed to."""
        async with self.office.db.read() as session:
            return [one.wish for one in await subscriptions_of(session, await self._id(session))]

    async def _id(self, session: AsyncSession) -> int:
        found = await find(session, self.account.id, self.openid)
        assert found
        return found


async def conversation(story: OfficeStory) -> Conversation:
    """Somebody who has just begun to follow the first account."""
    account = (await story.accounts())[0]
    return Conversation(story.office, account, (await follower(story, account=account)).openid)


def told(given: Answer) -> str:
    """All that an answer says."""
    if isinstance(given, NewsAnswer):
        return f"{given.title}\n{given.description}\n{given.url}"
    return given.text
