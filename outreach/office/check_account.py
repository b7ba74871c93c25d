"""Somebody asks what an account may do on its platform."""

from __future__ import annotations

from datetime import datetime

from outreach.channels import service
from outreach.channels.breaker import Answers
from outreach.channels.budget_rules import Use
from outreach.channels.budgets import take_one
from outreach.channels.model import Account, AccountCheck
from outreach.channels.protocol import ChannelError
from outreach.channels.rights import Right, RightsFound, RightState, problem_of
from outreach.foundation import clock
from outreach.foundation.audit import Actor
from outreach.foundation.seal import WrongKey
from outreach.office.context import Office
from outreach.office.platform_answers import store_answers


async def check_account(office: Office, by: Actor, account: Account) -> tuple[Right, ...]:
    """Asks the platform for each right, outside of any transaction, and keeps what came of it. Nothing is published.
    An answer closes a breaker.

    Raises ChannelError, WrongKey: nothing can be asked, for the reason that the error tells; QuotaSpent where no
    call is left for it, and none is made.
    """
    async with office.db.begin() as session:
        await take_one(session, account.id, account.channel, Use.CHECK)
    try:
        found = await office.channels.rights_of(account)
    except (ChannelError, WrongKey) as error:
        await _keep(office, account, by, error.message if isinstance(error, ChannelError) else error.detail)
        raise
    await _keep(office, account, by, problem_of(found.rights), found)
    if found.rights[0].state is RightState.PASSED:
        answers = Answers()
        answers.note(None)
        await store_answers(office, account.id, answers)
    return found.rights


async def _keep(
    office: Office, account: Account, by: Actor, problem: str | None, found: RightsFound | None = None
) -> None:
    now = clock.now()
    async with office.db.begin() as session:
        before = await session.get(AccountCheck, account.id)
        kept = AccountCheck(
            account_id=account.id,
            at=now,
            by_name=by.name,
            problem=problem,
            passed_at=_passed_at(problem, before, now),
            rights=[_told(one) for one in found.rights] if found else [],
        )
        await session.merge(kept)
        if found and found.authorised_until:
            await service.keep_authorised_until(session, account.id, found.authorised_until)


def _passed_at(problem: str | None, before: AccountCheck | None, now: datetime) -> datetime | None:
    if problem is None:
        return now
    return before.passed_at if before else None


def _told(right: Right) -> dict[str, str]:
    return {"name": right.name, "state": right.state, "message": right.message}
