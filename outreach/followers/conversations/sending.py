"""Answers go out: each is claimed before it is sent, and sent once. What a dead worker was sending is uncertain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels import budgets
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand
from outreach.channels.follower_protocol import Answer
from outreach.channels.model import Account, ChannelName
from outreach.channels.protocol import ChannelError, NotSent, OutcomeUnknown, QuotaSpent
from outreach.channels.queries import sending_accounts
from outreach.followers.conversations.model import Reply, ReplyState
from outreach.followers.conversations.rules import LEASE, RETRY, answer_of
from outreach.followers.model import Follower
from outreach.foundation import clock
from outreach.foundation.ids import new_id

INTERRUPTED = "发送它的进程中断了，不知道是否送达。为免重复，不再发送。"


class Outgoing(NamedTuple):
    """An answer that is to be sent now; `holder` names the claim that gave it."""

    reply_id: int
    holder: str
    account: Account
    openid: str
    answer: Answer


async def claim_due(session: AsyncSession, *, worker: str, limit: int) -> list[Outgoing]:
    """Takes up to `limit` answers that are due of accounts that may send, as many as their budgets hold. From here on
    each may have been sent."""
    now = clock.now()
    await _give_up_expired(session)
    query = (
        select(Reply, Follower.openid, Account)
        .join(Follower, Follower.id == Reply.follower_id)
        .join(Account, Account.id == Reply.account_id)
        .where(
            Reply.state == ReplyState.PLANNED,
            Reply.due_at <= now,
            Reply.account_id.in_(sending_accounts()),
        )
        .order_by(Reply.id)
        .limit(limit)
        .with_for_update(of=Reply, skip_locked=True)
    )
    found = (await session.execute(query)).all()
    granted = await _granted(session, [account.id for _, _, account in found])
    taken = []
    holder = f"{worker}:{new_id()[-6:]}"
    for reply, openid, account in found:
        if granted[account.id] == 0:
            continue
        granted[account.id] -= 1
        reply.state, reply.holder, reply.due_at = ReplyState.SENDING, holder, now + LEASE
        taken.append(Outgoing(reply.id, holder, account, openid, answer_of(reply.content)))
    return taken


async def settle(session: AsyncSession, outgoing: Outgoing, error: ChannelError | None) -> None:
    """Stores how it went. Only what surely was not sent is tried again."""
    match error:
        case None:
            values = {"state": ReplyState.SENT, "settled_at": clock.now()}
        case NotSent() | QuotaSpent():
            wait = timedelta(seconds=error.retry_after_s) if error.retry_after_s is not None else RETRY
            values = {"state": ReplyState.PLANNED, "due_at": clock.now() + wait, "holder": None}
        case OutcomeUnknown():
            values = {"state": ReplyState.UNCERTAIN, "settled_at": clock.now()}
        case _:
            values = {"state": ReplyState.FAILED, "settled_at": clock.now()}
    if error is not None:
        values |= {"problem_code": error.code, "problem_message": error.message}
    await session.execute(
        update(Reply)
        .where(
            Reply.id == outgoing.reply_id,
            Reply.state == ReplyState.SENDING,
            Reply.holder == outgoing.holder,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def _granted(session: AsyncSession, account_ids: Sequence[str]) -> Counter[str]:
    """How many messages each account may send now."""
    demands = [
        Demand(account_id, ChannelName.WECHAT, Use.CUSTOMER_MESSAGE, number)
        for account_id, number in sorted(Counter(account_ids).items())
    ]
    grants = await budgets.take(session, demands)
    return Counter({demand.account_id: grant.number for demand, grant in zip(demands, grants, strict=True)})


async def _give_up_expired(session: AsyncSession) -> None:
    now = clock.now()
    await session.execute(
        update(Reply)
        .where(Reply.state == ReplyState.SENDING, Reply.due_at <= now)
        .values(
            state=ReplyState.UNCERTAIN,
            settled_at=now,
            holder=None,
            problem_code="interrupted",
            problem_message=INTERRUPTED,
        )
        .execution_options(synchronize_session=False)
    )
