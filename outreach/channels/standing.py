"""How an account stands, all in one, for whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.breaker import breakers
from outreach.channels.model import Account, AccountCheck, Breaker
from outreach.foundation.stops import Stop


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """How an account stands besides what it is: who stopped it, whether its platform answers, and the last check that
    somebody asked for."""

    stop: Stop | None
    breaker: Breaker | None
    check: AccountCheck | None

    @property
    def was_passed(self) -> bool:
        """Whether a check has gone well since its credentials were typed in."""
        return self.check is not None and self.check.passed_at is not None


async def passed_accounts(session: AsyncSession) -> set[str]:
    """The ids of the accounts of which a check has gone well since their credentials were typed in."""
    query = select(AccountCheck.account_id).where(AccountCheck.passed_at.is_not(None))
    return set(await session.scalars(query))


async def standing_of(session: AsyncSession, account: Account) -> AccountStanding:
    """How the account stands now."""
    return AccountStanding(
        await session.get(Stop, account.id),
        (await breakers(session)).get(account.id),
        await session.get(AccountCheck, account.id),
    )
