"""What a follower's words have done, and what is answered to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.follower_protocol import Answer
from outreach.channels.model import Account
from outreach.channels.rules import can_log_in
from outreach.followers.answers.commands import Command, Verb, read_command
from outreach.followers.answers.publications import latest
from outreach.followers.answers.replies import (
    publications_reply,
    subscriptions_told,
    text_reply,
    topics_told,
)
from outreach.followers.consent import ConsentNeeded, consent, present_notice
from outreach.followers.conversations.model import Message
from outreach.followers.model import Follower
from outreach.followers.personal_data import erase
from outreach.followers.questions.service import note
from outreach.followers.texts.catalogue import filled
from outreach.followers.texts.queries import proposed_answers, text_of
from outreach.followers.topics.counties import Region
from outreach.followers.topics.queries import Subscribed, subscriptions_of
from outreach.followers.topics.service import Taken, subscribe, unsubscribe, unsubscribe_from_all
from outreach.followers.topics.wording import Named, words_in
from outreach.foundation import office_settings
from outreach.foundation.problems import InvalidContent
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Kind
from outreach.settings import Settings


class Turn:
    """A follower's turn in a conversation, within one transaction. `message` is what they sent, `region` the office's."""

    def __init__(
        self,
        settings: Settings,
        session: AsyncSession,
        account: Account,
        follower: Follower,
        message: Message,
        region: Region,
    ) -> None:
        self.settings = settings
        self.session = session
        self.account = account
        self.follower = follower
        self.message = message
        self.region = region

    async def say(self, key: str, **values: str) -> Answer:
        """A text of the house, filled."""
        return text_reply(filled(await text_of(self.session, key), **values))

    async def subscriptions(self) -> list[Subscribed]:
        """What the follower asked for."""
        return await subscriptions_of(self.session, self.follower.id)


async def answer_words(turn: Turn, words: str) -> Answer | None:
    """Does what the words ask for and tells what to answer; None where they are not understood."""
    command = read_command(words, turn.region)
    if command.verb in _QUESTIONS and (proposed := await _proposed(turn.session, words)):
        return text_reply(proposed)
    return await _ANSWERS[command.verb](turn, command)


async def _proposed(session: AsyncSession, words: str) -> str | None:
    """The answer of an editor that one of whose triggers these words are."""
    said = "".join(words_in(words))
    for one in await proposed_answers(session):
        if said and said in ("".join(words_in(trigger)) for trigger in one.triggers.splitlines()):
            return one.content
    return None


async def _subscribe(turn: Turn, command: Command) -> Answer:
    if not command.said:
        return await turn.say("how_to_subscribe")
    wishes = command.named.wishes() if command.named != Named() else []
    if not wishes:
        await note(turn.session, turn.account.id, f"订阅 {command.said}")
        return await turn.say("how_to_subscribe")
    try:
        async with turn.session.begin_nested():  # all of them, or none
            taken = [await subscribe(turn.session, turn.follower, wish) for wish in wishes]
    except ConsentNeeded:
        return await _ask_for_consent(turn, command.said)
    except InvalidContent as problem:
        return text_reply(problem.detail)
    return await _told_of(turn, taken)


async def _told_of(turn: Turn, taken: list[Taken]) -> Answer:
    new = [one.wish for one in taken if one.is_new]
    if new:
        return await turn.say("subscribed", topics=topics_told(new))
    return await turn.say("subscribed_before", topics=topics_told(one.wish for one in taken))


async def _ask_for_consent(turn: Turn, said: str) -> Answer:
    notice = await present_notice(turn.session)
    turn.follower.notice_told = notice.hash
    how = filled(await text_of(turn.session, "consent"), words=said)
    return text_reply(f"{notice.content}\n\n{how}")


async def _consent(turn: Turn, command: Command) -> Answer:
    """同意 answers the notice that was sent before; what was to be subscribed to stands behind it."""
    notice = await present_notice(turn.session)
    if turn.follower.notice_told != notice.hash:
        return await _ask_for_consent(turn, command.said)
    await consent(turn.session, turn.follower, notice.hash)
    return await _subscribe(turn, command) if command.said else await turn.say("consented")


async def _unsubscribe(turn: Turn, command: Command) -> Answer:
    mine = await turn.subscriptions()
    if not mine or not command.said:
        return await _mine(turn, command)
    ended = [one for number, one in enumerate(mine, start=1) if _is_meant(number, one, command)]
    if not ended:
        return await turn.say("not_subscribed", topics=subscriptions_told(mine))
    for one in ended:
        await unsubscribe(turn.session, turn.follower, one.topic_id)
    return await turn.say("unsubscribed", topics=topics_told(one.wish for one in ended))


def _is_meant(number: int, one: Subscribed, command: Command) -> bool:
    """By its place in the list, or by all that was named."""
    if command.numbers:
        return number in command.numbers
    named, wish = command.named, one.wish
    if named == Named():
        return False
    return (
        (not named.kinds or wish.kind in named.kinds)
        and (not named.counties or wish.county in named.counties)
        and named.enterprise in wish.enterprise.lower()
        and (not named.aqi_above or wish.aqi_above == named.aqi_above)
    )


async def _unsubscribe_from_all(turn: Turn, _: Command) -> Answer:
    ended = await unsubscribe_from_all(turn.session, turn.follower)
    return await turn.say("unsubscribed_all" if ended else "none")


async def _mine(turn: Turn, _: Command) -> Answer:
    mine = await turn.subscriptions()
    return await turn.say("mine", topics=subscriptions_told(mine)) if mine else await turn.say("none")


async def _help(turn: Turn, _: Command) -> Answer:
    return await turn.say("help", bureau=(await office_settings.load(turn.session)).bureau)


async def _data(turn: Turn, _: Command) -> Answer:
    if can_log_in(turn.account):
        link = f"{turn.settings.public_url}/follow/{turn.account.id}/data"
        return await turn.say("my_data", link=link)
    told = subscriptions_told(await turn.subscriptions())
    return await turn.say("my_data_by_words", topics=told or "（没有订阅）")


async def _erase(turn: Turn, _: Command) -> Answer:
    """What they asked it with is the one thing that stays: as that of a follower of whom nothing else is known."""
    turn.message.follower_id = None
    await turn.session.flush()
    turn.message.follower_id = (await erase(turn.session, turn.follower)).id
    return await turn.say("erased")


async def _latest(turn: Turn, command: Command) -> Answer | None:
    """What is published of what was named; None where words were left over and nothing bears them: no question of that
    kind, perhaps."""
    found = await latest(turn.session, turn.account.id, command.named, turn.region)
    if found:
        return publications_reply(found, turn.settings.public_url, turn.settings.zone)
    if command.named.rest:
        return None
    return await turn.say("nothing", what=_what(command.named))


def _what(named: Named) -> str:
    kinds = "、".join(KIND_LABELS[kind] for kind in named.kinds or Kind)
    return f"{'、'.join(named.counties)}{kinds}"


async def _unknown(_: Turn, __: Command) -> None:
    return None


_QUESTIONS: Final = frozenset({Verb.LATEST, Verb.UNKNOWN})
"""What an editor's answer may stand above; nobody's 退订 is answered by another text."""
_ANSWERS: Final[Mapping[Verb, Callable[[Turn, Command], Awaitable[Answer | None]]]] = {
    Verb.SUBSCRIBE: _subscribe,
    Verb.UNSUBSCRIBE: _unsubscribe,
    Verb.UNSUBSCRIBE_ALL: _unsubscribe_from_all,
    Verb.CONSENT: _consent,
    Verb.HELP: _help,
    Verb.MINE: _mine,
    Verb.DATA: _data,
    Verb.ERASE: _erase,
    Verb.LATEST: _latest,
    Verb.UNKNOWN: _unknown,
}
