"""The read side of accounts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outreach.channels.model import Account
from outreach.foundation.problems import NotFound


async def list_accounts(session: AsyncSession, *, active_only: bool = False) -> list[Account]:
    """The accounts in the order in which they were made."""
    query = select(Account).order_by(Account.number)
    if active_only:
        query = query.where(Account.active)
    return list((await session.scalars(query)).all())


async def get_account(session: AsyncSession, account_id: str) -> Account:
    """Raises NotFound."""
    account = await session.get(Account, account_id)
    if account is None:
        raise NotFound("没有这个账号。")
    return account
