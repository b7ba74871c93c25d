"""Followers to try things with."""

from __future__ import annotations

from typing import Any

from outreach.channels.follower_protocol import Answer, NewsAnswer
from outreach.channels.model import Account
from outreach.followers.consent import consent, present_notice
from outreach.followers.model import Follower
from outreach.followers.topics.queries import subscriptions_of
from outreach.followers.topics.rules import Wish
from outreach.followers.topics.service import subscribe
from outreach.foundation import clock
from outreach.office.answer_follower import answer
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

    def __init__(self, office: Office, account: Account, someone: Follower) -> None:
        self.office = office
        self.account = account
        self.someone = someone

    async def say(self, words: str) -> str:
        """The answer as one text."""
        return told(await answer(self.office, self.account, self.someone.id, words))

    async def wishes(self) -> list[Wish]:
        """What the follower is subscribed to."""
        async with self.office.db.read() as session:
            return [one.wish for one in await subscriptions_of(session, self.someone.id)]


async def conversation(story: OfficeStory, **others: Any) -> Conversation:
    """Somebody who has just begun to follow the first account."""
    account = others.get("account") or (await story.accounts())[0]
    return Conversation(story.office, account, await follower(story, account=account))


def told(given: Answer) -> str:
    """All that an answer says."""
    if isinstance(given, NewsAnswer):
        return f"{given.title}\n{given.description}\n{given.url}"
    return given.text
