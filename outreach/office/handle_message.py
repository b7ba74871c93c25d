"""Messages that were kept are handled: each once, whoever tries, and by what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.wechat.messages import (
    AuthorisationRevoked,
    ConsentChanged,
    Consented,
    Content,
    FollowerMessage,
    Located,
    MediaMessage,
    MenuPressed,
    NoticesArrived,
    PageOpened,
    Scanned,
    Subscribed,
    TemplateArrived,
    TextMessage,
    Unknown,
    Unsubscribed,
    read_again,
)
from outreach.followers import following
from outreach.followers.conversations import service as conversations
from outreach.followers.conversations.model import Message
from outreach.followers.conversations.reports import is_report
from outreach.followers.conversations.service import Hold
from outreach.foundation import audit
from outreach.foundation.audit import SERVICE
from outreach.foundation.ids import new_id
from outreach.foundation.outages import outage_of
from outreach.office import answers
from outreach.office.answers import Asked
from outreach.office.context import Office
from outreach.office.notice_events import NoticeEvent, take_notice_events

log = structlog.get_logger(__name__)

_BEARS_WORDS: Final = (TextMessage, MediaMessage, Unknown)


class _Waiting(NamedTuple):
    office: Office
    hold: Hold


async def handle_waiting(office: Office, *, worker: str, limit: int) -> int:
    """Handles up to `limit` messages; how many it took. Safe to run twice and at the same time. What fails is tried
    again later, and keeps no other from being handled."""
    async with office.db.begin() as session:
        holds = await conversations.claim_waiting(session, worker=worker, limit=limit)
    handling = (office.db.write_together(_handle_all, _Waiting(office, hold)) for hold in holds)
    outcomes = await asyncio.gather(*handling, return_exceptions=True)
    for hold, outcome in zip(holds, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            await _put_off(office, hold, outcome)
    return len(holds)


async def _put_off(office: Office, hold: Hold, error: BaseException) -> None:
    """An outage is not the message's fault: its lease lapses, and it is taken again."""
    if not isinstance(error, Exception) or outage_of(error):
        raise error
    log.error("message_failed", message=hold.message_id, error_id=new_id(), exc_info=error)
    async with office.db.begin() as session:
        await conversations.put_off(session, hold)


async def _handle_all(session: AsyncSession, waiting: Sequence[_Waiting]) -> list[None]:
    """In one transaction, in the order in which they came. What is about notices goes on together."""
    office = waiting[0].office
    held = await conversations.finish(session, [one.hold for one in waiting])
    about_notices: list[NoticeEvent] = []
    for kept in held:
        message, content = read_again(office.sealer.open(str(kept.sealed))["xml"])
        event = await _handle(office, session, kept, message, content)
        if event is not None:
            about_notices.append(event)
        if not isinstance(content, _BEARS_WORDS):
            kept.sealed = None
    if about_notices:
        await take_notice_events(session, about_notices)
    return [None] * len(waiting)


async def _handle(
    office: Office, session: AsyncSession, kept: Message, message: FollowerMessage, content: Content
) -> NoticeEvent | None:
    account_id, openid, at = kept.account_id, message.sender, message.at
    match content:
        case Subscribed():
            kept.follower_id = await following.subscribe(session, account_id, openid, at)
        case Unsubscribed():
            kept.follower_id = await following.unsubscribe(session, account_id, openid, at)
        case TextMessage(words):
            kept.follower_id = await following.see(session, account_id, openid, at, spoke=True)
            kept.is_report = is_report(words)
            asked = Asked(account_id, kept.follower_id, kept.id, words=words, is_report=kept.is_report)
            await _answer(office, session, kept, asked)
        case MediaMessage():
            kept.follower_id = await following.see(session, account_id, openid, at, spoke=True)
        case MenuPressed(key):
            kept.follower_id = await following.see(session, account_id, openid, at)
            await _answer(office, session, kept, Asked(account_id, kept.follower_id, kept.id, key=key))
        case PageOpened() | Scanned() | Located():
            kept.follower_id = await following.see(session, account_id, openid, at)
        case TemplateArrived() | NoticesArrived() | Consented() | ConsentChanged():
            return NoticeEvent(account_id, openid, at, content)
        case AuthorisationRevoked(of):
            await following.forget(session, account_id, of)
            await audit.record(session, SERVICE, "followers.revoke", "account", account_id)
        case Unknown():
            log.info("unknown_message", message=kept.id, kind=kept.kind)
    return None


async def _answer(office: Office, session: AsyncSession, kept: Message, asked: Asked) -> None:
    await conversations.plan_replies(session, kept, await answers.answer(office, session, asked))
