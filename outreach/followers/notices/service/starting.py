"""A notice starts: its recipients are frozen, and from then on nobody is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.channels.queries import sending_accounts
from outreach.followers.notices.marks import Mark
from outreach.followers.notices.model import Notice, NoticeChunk, NoticeState, Occasion
from outreach.followers.notices.packing import unpack
from outreach.followers.notices.rules import NoticeAction
from outreach.followers.notices.service.audience import Part
from outreach.followers.notices.service.states import move
from outreach.foundation import clock


async def take_due(session: AsyncSession) -> Notice | None:
    """The next notice that is due to start, a warning first; held until the transaction ends."""
    query = (
        select(Notice)
        .where(
            Notice.state == NoticeState.PLANNED,
            Notice.due_at <= clock.now(),
            Notice.account_id.in_(sending_accounts()),
        )
        .order_by(case((Notice.occasion == Occasion.WARNING, 0), else_=1), Notice.due_at, Notice.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).first()


async def hold_account(session: AsyncSession, account_id: str) -> None:
    """Nobody else starts a notice of the account until the transaction ends."""
    query = select(Account.id).where(Account.id == account_id).with_for_update(key_share=True)
    await session.execute(query)


async def start(
    session: AsyncSession,
    notice: Notice,
    words: Sequence[Mapping[str, Any]],
    parts: Sequence[tuple[int, Part]],
    held_back: int,
) -> Notice:
    """Freezes the recipients: chunks of the variant of `words` and of the call that each part has. Raises StaleState."""
    now = clock.now()
    told = [(variant, part) for variant, part in parts if part.call is not None and part.size]
    rows = [_row(notice.id, number, variant, part) for number, (variant, part) in enumerate(told)]
    if rows:
        await session.execute(insert(NoticeChunk), rows)
    return await move(
        session,
        notice,
        NoticeAction.START,
        words=list(words),
        audience=sum(part.size for _, part in told),
        held_back=held_back,
        without_call=sum(part.size for _, part in parts if part.call is None),
        started_at=now,
        speed_from=now,
        wait_reason=None,
    )


async def put_off(session: AsyncSession, notice: Notice, until: datetime, reason: str) -> None:
    """It starts at `until` (aware)."""
    await session.execute(
        update(Notice)
        .where(Notice.id == notice.id, Notice.state == NoticeState.PLANNED)
        .values(due_at=until, wait_reason=reason)
        .execution_options(synchronize_session=False)
    )


def _row(notice_id: str, number: int, variant: int, part: Part) -> dict[str, Any]:
    ids = unpack(part.recipients)
    return {
        "notice_id": notice_id,
        "number": number,
        "call": part.call,
        "variant": variant,
        "first_id": ids[0],
        "last_id": ids[-1],
        "recipients": part.recipients,
        "marks": bytes([Mark.QUEUED]) * part.size,
        "msg_ids": b"",
        "tally": {str(int(Mark.QUEUED)): part.size},
        "is_done": False,
        "due_at": clock.now(),
    }
