"""Somebody asks whether the platform takes an account's credentials."""

from __future__ import annotations

from outreach.channels import budgets
from outreach.channels.breaker import Answers
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import Demand
from outreach.channels.model import Account, AccountCheck
from outreach.channels.protocol import ChannelError, QuotaSpent
from outreach.foundation import clock
from outreach.foundation.audit import Actor
from outreach.foundation.seal import WrongKey
from outreach.office.context import Office
from outreach.office.platform_answers import store_answers


async def check_account(office: Office, by: Actor, account: Account) -> None:
    """Asks the platform, outside of any transaction, and keeps what came of it. An answer closes a breaker.

    Raises ChannelError, WrongKey: the account can't be used, for the reason that the error tells; QuotaSpent where
    no call is left for it, and none is made.
    """
    await _take_a_call(office, account)
    try:
        await (await office.channels.of(account)).check()
    except (ChannelError, WrongKey) as error:
        await _keep(office, account, by, error.message if isinstance(error, ChannelError) else error.detail)
        raise
    await _keep(office, account, by, None)
    answers = Answers()
    answers.note(None)
    await store_answers(office, account.id, answers)


async def _take_a_call(office: Office, account: Account) -> None:
    async with office.db.begin() as session:
        (grant,) = await budgets.take(session, [Demand(account.id, account.channel, Use.CHECK)])
    if not grant.number:
        raise QuotaSpent(grant.reason, code="budget")


async def _keep(office: Office, account: Account, by: Actor, problem: str | None) -> None:
    async with office.db.begin() as session:
        kept = AccountCheck(account_id=account.id, at=clock.now(), by_name=by.name, problem=problem)
        await session.merge(kept)
