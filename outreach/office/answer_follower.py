"""What a follower is answered to a message or a press on the menu: the words on the button are what it says."""

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
from outreach.followers.model import Follower
from outreach.followers.personal_data import erase
from outreach.followers.questions.service import note
from outreach.followers.texts.catalogue import filled
from outreach.followers.texts.queries import proposed_answers, text_of
from outreach.followers.topics.queries import Subscribed, get_follower, region, subscriptions_of
from outreach.followers.topics.service import Taken, subscribe, unsubscribe, unsubscribe_from_all
from outreach.followers.topics.wording import Named, words_in
from outreach.foundation import office_settings
from outreach.foundation.problems import InvalidContent
from outreach.items.labels import KIND_LABELS
from outreach.items.model import Kind
from outreach.office.context import Office


class Asked:
    """A message of a follower on its way to an answer, within one transaction."""

    def __init__(self, office: Office, session: AsyncSession, account: Account, follower: Follower) -> None:
        self.settings = office.settings
        self.session = session
        self.account = account
        self.follower = follower

    async def say(self, key: str, **values: str) -> Answer:
        """A text of the house, filled."""
        return text_reply(filled(await text_of(self.session, key), **values))

    async def subscriptions(self) -> list[Subscribed]:
        """What the follower asked for."""
        return await subscriptions_of(self.session, self.follower.id)


async def answer(office: Office, account: Account, follower_id: int, words: str) -> Answer:
    """Does what the words ask for (`words`: a message's text, or the key of a button of the menu) and tells what to
    answer. Nothing is sent here. Raises NotFound where nobody of that number follows the account."""
    async with office.db.begin() as session:
        follower = await get_follower(session, account.id, follower_id)
        asked = Asked(office, session, account, follower)
        command = read_command(words, await region(session))
        if command.verb in _QUESTIONS and (proposed := await _proposed(session, words)):
            return text_reply(proposed)
        if told := await _ANSWERS[command.verb](asked, command):
            return told
        await note(session, account.id, words)
        return await asked.say("unknown")


async def _proposed(session: AsyncSession, words: str) -> str | None:
    """The answer of an editor that one of whose triggers these words are."""
    said = "".join(words_in(words))
    for one in await proposed_answers(session):
        if said and said in ("".join(words_in(trigger)) for trigger in one.triggers.splitlines()):
            return one.content
    return None


async def _subscribe(asked: Asked, command: Command) -> Answer:
    if not command.said:
        return await asked.say("how_to_subscribe")
    wishes = command.named.wishes() if command.named != Named() else []
    if not wishes:
        await note(asked.session, asked.account.id, f"订阅 {command.said}")
        return await asked.say("how_to_subscribe")
    try:
        async with asked.session.begin_nested():  # all of them, or none
            taken = [await subscribe(asked.session, asked.follower, wish) for wish in wishes]
    except ConsentNeeded:
        return await _ask_for_consent(asked, command.said)
    except InvalidContent as problem:
        return text_reply(problem.detail)
    return await _told_of(asked, taken)


async def _told_of(asked: Asked, taken: list[Taken]) -> Answer:
    new = [one.wish for one in taken if one.is_new]
    if new:
        return await asked.say("subscribed", topics=topics_told(new))
    return await asked.say("subscribed_before", topics=topics_told(one.wish for one in taken))


async def _ask_for_consent(asked: Asked, said: str) -> Answer:
    notice = await present_notice(asked.session)
    asked.follower.notice_told = notice.hash
    how = filled(await text_of(asked.session, "consent"), words=said)
    return text_reply(f"{notice.content}\n\n{how}")


async def _consent(asked: Asked, command: Command) -> Answer:
    """同意 answers the notice that was sent before; what was to be subscribed to stands behind it."""
    notice = await present_notice(asked.session)
    if asked.follower.notice_told != notice.hash:
        return await _ask_for_consent(asked, command.said)
    await consent(asked.session, asked.follower, notice.hash)
    return await _subscribe(asked, command) if command.said else await asked.say("consented")


async def _unsubscribe(asked: Asked, command: Command) -> Answer:
    mine = await asked.subscriptions()
    if not mine or not command.said:
        return await _mine(asked, command)
    ended = [one for number, one in enumerate(mine, start=1) if _is_meant(number, one, command)]
    if not ended:
        return await asked.say("not_subscribed", topics=subscriptions_told(mine))
    for one in ended:
        await unsubscribe(asked.session, asked.follower, one.topic_id)
    return await asked.say("unsubscribed", topics=topics_told(one.wish for one in ended))


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


async def _unsubscribe_from_all(asked: Asked, _: Command) -> Answer:
    ended = await unsubscribe_from_all(asked.session, asked.follower)
    return await asked.say("unsubscribed_all" if ended else "none")


async def _mine(asked: Asked, _: Command) -> Answer:
    mine = await asked.subscriptions()
    return await asked.say("mine", topics=subscriptions_told(mine)) if mine else await asked.say("none")


async def _help(asked: Asked, _: Command) -> Answer:
    return await asked.say("help", bureau=(await office_settings.load(asked.session)).bureau)


async def _data(asked: Asked, _: Command) -> Answer:
    if can_log_in(asked.account):
        link = f"{asked.settings.public_url}/follow/{asked.account.id}/data"
        return await asked.say("my_data", link=link)
    told = subscriptions_told(await asked.subscriptions())
    return await asked.say("my_data_by_words", topics=told or "（没有订阅）")


async def _erase(asked: Asked, _: Command) -> Answer:
    told = await asked.say("erased")
    await erase(asked.session, asked.follower)
    return told


async def _latest(asked: Asked, command: Command) -> Answer | None:
    """What is published of what was named; None where words were left over and nothing bears them: no question of that
    kind, perhaps."""
    found = await latest(asked.session, asked.account.id, command.named, await region(asked.session))
    if found:
        return publications_reply(found, asked.settings.public_url, asked.settings.zone)
    if command.named.rest:
        return None
    return await asked.say("nothing", what=_what(command.named))


def _what(named: Named) -> str:
    kinds = "、".join(KIND_LABELS[kind] for kind in named.kinds or Kind)
    return f"{'、'.join(named.counties)}{kinds}"


async def _unknown(_: Asked, __: Command) -> None:
    return None


_QUESTIONS: Final = frozenset({Verb.LATEST, Verb.UNKNOWN})
"""What an editor's answer may stand above; nobody's 退订 is answered by another text."""
_ANSWERS: Final[Mapping[Verb, Callable[[Asked, Command], Awaitable[Answer | None]]]] = {
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
