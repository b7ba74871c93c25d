"""The read side of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from outreach.channels.breaker import shut_at, tripped
from outreach.channels.model import Account
from outreach.foundation.problems import NotFound
from outreach.foundation.stops import OFFICE, Stop


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
    """The ids of the accounts that can be called: in use, and not paused until an operator has mended something."""
    return select(Account.id).where(Account.active, Account.paused_at.is_(None))


def answering_accounts() -> Select[str]:
    """Those of them whose platform answers."""
    return open_accounts().where(Account.id.not_in(tripped()))


def sending_accounts() -> Select[str]:
    """Those of them on which nobody has stopped publishing."""
    return answering_accounts().where(not_stopped(Account.id))


def takeable_accounts(now: datetime) -> Select[str]:
    """Those on which something may be claimed at `now`, be it as the probe of a platform that did not answer."""
    return open_accounts().where(Account.id.not_in(shut_at(now)), not_stopped(Account.id))


def not_stopped(account_id: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether neither the account nor the whole office is stopped."""
    return ~exists().where(or_(Stop.scope == OFFICE, Stop.scope == account_id))
