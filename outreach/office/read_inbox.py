"""What followers wrote is read by those whose work it is, and published nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.follower_protocol import Answer
from outreach.channels.wechat.messages import MediaMessage, TextMessage, read_again
from outreach.followers.conversations.model import Message, MessageState, Reply
from outreach.followers.conversations.queries import page_of_words, replies_to
from outreach.followers.conversations.rules import answer_of
from outreach.followers.rules import PURPOSE, short_hash
from outreach.office.context import Office
from outreach.people.model import Person
from outreach.people.rules import INBOX, require_any


@dataclass(frozen=True, slots=True)
class Replied:
    """An answer as the inbox shows it."""

    answer: Answer
    reply: Reply


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as the inbox shows it. `sender` is a short hash; `words` is None for what has no words, whose `kind`
    says what it is. `has_failed`: it could not be handled."""

    account_id: str
    sender: str
    kind: str
    words: str | None = field(repr=False)
    at: datetime
    is_report: bool
    has_failed: bool
    replies: tuple[Replied, ...]


async def read_inbox(
    office: Office,
    session: AsyncSession,
    by: Person,
    *,
    account_id: str | None,
    reports_only: bool,
    limit: int,
    before: int | None,
) -> tuple[list[Letter], int | None]:
    """Up to `limit` messages, the newest first, and where the next page begins (`before`; None: nowhere).

    Raises Forbidden.
    """
    require_any(by, INBOX)
    found = await page_of_words(
        session, account_id=account_id, reports_only=reports_only, limit=limit + 1, before=before
    )
    shown = found[:limit]
    replies = await replies_to(session, [message.id for message in shown])
    key = office.sealer.key_for(PURPOSE)
    letters = [_letter(office, key, message, replies) for message in shown]
    return letters, shown[-1].id if len(found) > limit else None


def _letter(
    office: Office,
    key: bytes,
    message: Message,
    replies: Mapping[int, list[Reply]],
) -> Letter:
    pushed, content = read_again(office.sealer.open(str(message.sealed))["xml"])
    match content:
        case TextMessage(words):
            said: str | None = words
        case MediaMessage(_, caption):
            said = caption
        case _:
            said = None
    return Letter(
        account_id=message.account_id,
        sender=short_hash(key, pushed.sender),
        kind=message.kind,
        words=said,
        at=message.sent_at,
        is_report=message.is_report,
        has_failed=message.state is MessageState.FAILED,
        replies=tuple(Replied(answer_of(one.content), one) for one in replies.get(message.id, ())),
    )
