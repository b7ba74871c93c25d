"""What WeChat tells of notices: what became of them, and what followers agreed to receive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.notice_protocol import NoticeCall
from outreach.channels.wechat.messages import (
    Consent,
    ConsentChanged,
    Consented,
    NoticesArrived,
    TemplateArrived,
)
from outreach.followers.notices.service import recipients
from outreach.followers.notices.service.receipts import JobFinish, settle

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NoticeEvent:
    """Something about notices of one account to one follower, whose openid is `openid`; `at` (aware) by WeChat's
    clock."""

    account_id: str
    openid: str = field(repr=False)
    at: datetime
    content: TemplateArrived | NoticesArrived | Consented | ConsentChanged


async def take_notice_events(session: AsyncSession, events: Sequence[NoticeEvent]) -> None:
    """Takes note of all of them, in the transaction in which their messages are handled. Each comes once; they may
    come in any order, and of notices that nobody here sent."""
    finishes: defaultdict[str, list[JobFinish]] = defaultdict(list)
    for event in events:
        finishes[event.account_id] += _finishes(event)
        if isinstance(event.content, Consented | ConsentChanged):
            await _take_consents(session, event, event.content.consents)
    for account_id in sorted(finishes):
        strange = await settle(session, account_id, finishes[account_id])
        if strange:
            log.info("results_of_unknown_notices", account=account_id, number=len(strange))


def _finishes(event: NoticeEvent) -> Iterator[JobFinish]:
    """A subscription notice's call tells no id, so that the one in its event says nothing."""
    match event.content:
        case TemplateArrived(msg_id, _, status):
            number = int(msg_id) if msg_id.isascii() and msg_id.isdigit() else 0
            yield JobFinish(NoticeCall.TEMPLATE, event.openid, number, status)
        case NoticesArrived(notices):
            for one in notices:
                yield JobFinish(NoticeCall.SUBSCRIPTION, event.openid, 0, one.status)


async def _take_consents(session: AsyncSession, event: NoticeEvent, consents: Sequence[Consent]) -> None:
    follower_id = await recipients.follower_of(session, event.account_id, event.openid)
    if follower_id is None:
        return
    for one in consents:
        if one.is_given:
            await recipients.consent(session, one.template_id, follower_id)
        elif isinstance(event.content, ConsentChanged):
            await recipients.refuse(session, one.template_id, [follower_id])
