"""What WeChat tells of notices: what became of them, and what followers agreed to receive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.wechat.messages import ConsentChanged, Consented, NoticesArrived, TemplateArrived


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
