"""The read side of accounts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
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


async def find_accounts(session: AsyncSession, account_ids: Sequence[str]) -> list[Account | None]:
    """The accounts of these ids, in their order; None where there is none."""
    found = {one.id: one for one in await session.scalars(select(Account).where(Account.id.in_(account_ids)))}
    return [found.get(account_id) for account_id in account_ids]


def open_accounts() -> Select[str]:
    """The ids of the accounts to which posts go out."""
    return select(Account.id).where(Account.active, Account.paused_at.is_(None))
