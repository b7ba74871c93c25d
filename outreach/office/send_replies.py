"""Followers who wrote are answered, by customer-service messages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.protocol import ChannelError, NeedsOperator
from outreach.followers.conversations import sending
from outreach.followers.conversations.sending import Outgoing
from outreach.foundation.seal import WrongKey
from outreach.foundation.side_by_side import run_all
from outreach.office.context import Office

log = structlog.get_logger(__name__)

BATCH: Final = 50


async def send_due(office: Office, *, worker: str) -> int:
    """Sends a batch of answers; how many it took. Safe to run twice and at the same time."""
    async with office.db.begin() as session:
        due = await sending.claim_due(session, worker=worker, limit=BATCH)
    await run_all(_send_in_order(office, list(one)) for _, one in groupby(sorted(due, key=_of), key=_of))
    return len(due)


def _of(outgoing: Outgoing) -> str:
    return outgoing.openid


async def _send_in_order(office: Office, to_one: Sequence[Outgoing]) -> None:
    for outgoing in to_one:
        await _send(office, outgoing)


async def _send(office: Office, outgoing: Outgoing) -> None:
    error = await _tell(office, outgoing)
    if error is not None:
        log.info("reply_not_sent", reply=outgoing.reply_id, code=error.code)
    await office.db.write_together(_settle_all, (outgoing, error))


async def _settle_all(
    session: AsyncSession, sent: Sequence[tuple[Outgoing, ChannelError | None]]
) -> list[None]:
    for outgoing, error in sent:
        await sending.settle(session, outgoing, error)
    return [None] * len(sent)


async def _tell(office: Office, outgoing: Outgoing) -> ChannelError | None:
    try:
        channel = await office.channels.followers_of(outgoing.account)
        await channel.tell(outgoing.openid, outgoing.answer)
    except ChannelError as error:
        return error
    except WrongKey as problem:
        return NeedsOperator(problem.detail, code=problem.code)
    return None
