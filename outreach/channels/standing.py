"""How an account stands, all in one, for whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.breaker import breakers
from outreach.channels.budgets import Standing, standings
from outreach.channels.model import Account, AccountCheck, Breaker
from outreach.foundation.stops import Stop


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """How an account stands besides what it is: who stopped it, whether its platform answers, what is left of its
    calls, and the last check that somebody asked for."""

    stop: Stop | None
    breaker: Breaker | None
    budgets: list[Standing]
    check: AccountCheck | None


async def standing_of(session: AsyncSession, account: Account) -> AccountStanding:
    """How the account stands now."""
    return AccountStanding(
        await session.get(Stop, account.id),
        (await breakers(session)).get(account.id),
        await standings(session, account),
        await session.get(AccountCheck, account.id),
    )
