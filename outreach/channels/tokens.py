"""An access token that all processes share: kept sealed in one row, renewed by whoever holds its lease."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from outreach.channels.model import AccountToken
from outreach.channels.protocol import NotSent
from outreach.foundation import clock
from outreach.foundation.database import Database
from outreach.foundation.seal import Sealer

# stable_token renews five minutes before the end (its page: expires_in of 300 s can be relied on).
MARGIN: Final = timedelta(minutes=5)
LEASE: Final = timedelta(seconds=30)
_POLL_S: Final = 0.1
_POLLS: Final = 200


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as the platform handed it out."""

    access_token: str
    expires_in_s: float


Fetch = Callable[[bool], Awaitable[Issued]]


class SharedToken:
    """The access token of one account. `fetch(force)` asks the platform: for the present token, or, with
    `force`, for a new one that makes the present one invalid; it raises ChannelError."""

    def __init__(self, db: Database, sealer: Sealer, account_id: str, fetch: Fetch) -> None:
        self._db = db
        self._sealer = sealer
        self._account_id = account_id
        self._fetch = fetch

    async def current(self) -> str:
        """A token that is good for five minutes more; asks the platform only where none is kept."""
        return await self._other_than(None)

    async def renewed(self, rejected: str) -> str:
        """Another token than `rejected`, which the platform no longer takes.

        The platform is asked in the ordinary way first, since another system may have renewed the token;
        only where it still hands out the rejected one is it forced (20 times a day, 30 s apart).
        """
        return await self._other_than(rejected)

    async def _other_than(self, rejected: str | None) -> str:
        for _ in range(_POLLS):
            row = await self._row()
            kept = self._usable(row)
            if kept is not None and kept != rejected:
                return kept
            if (lease := await self._claim(row)) is not None:
                return await self._fetch_under(lease, rejected)
            await asyncio.sleep(_POLL_S)
        raise NotSent("另一进程正在刷新 access_token，内容没有发出，稍后自动重试。", code="token-lease")

    async def _fetch_under(self, lease: datetime, rejected: str | None) -> str:
        issued = None
        try:
            issued = await self._fetch_other_than(rejected)
        finally:
            await self._end(lease, issued)
        return issued.access_token

    async def _fetch_other_than(self, rejected: str | None) -> Issued:
        issued = await self._fetch(False)
        return await self._fetch(True) if issued.access_token == rejected else issued

    async def _row(self) -> AccountToken:
        async with self._db.read() as session:
            row = await session.get(AccountToken, self._account_id)
        return row or await self._make_row()

    async def _make_row(self) -> AccountToken:
        try:
            async with self._db.begin() as session:
                session.add(AccountToken(account_id=self._account_id))
        except IntegrityError:
            pass  # another process was faster, which is as well
        async with self._db.read() as session:
            return await session.get_one(AccountToken, self._account_id)

    async def _claim(self, row: AccountToken) -> datetime | None:
        """The lease, if nobody holds it and nothing has changed since `row` was read."""
        now = clock.now()
        if row.lease_until is not None and row.lease_until >= now:
            return None
        lease = now + LEASE
        async with self._db.begin() as session:
            claimed = await session.execute(
                update(AccountToken)
                .where(
                    AccountToken.account_id == self._account_id,
                    AccountToken.lease_until.is_not_distinct_from(row.lease_until),
                    AccountToken.sealed_token.is_not_distinct_from(row.sealed_token),
                )
                .values(lease_until=lease)
                .returning(AccountToken.account_id)
            )
            return lease if claimed.first() is not None else None

    async def _end(self, lease: datetime, issued: Issued | None) -> None:
        """Gives the lease back, with the new token where there is one; a lease that another process has
        taken over in the meantime is left alone."""
        values: dict[str, object] = {"lease_until": None}
        if issued is not None:
            values["sealed_token"] = self._sealer.seal({"access_token": issued.access_token})
            values["expires_at"] = clock.now() + timedelta(seconds=issued.expires_in_s)
        async with self._db.begin() as session:
            await session.execute(
                update(AccountToken)
                .where(AccountToken.account_id == self._account_id, AccountToken.lease_until == lease)
                .values(**values)
            )

    def _usable(self, row: AccountToken) -> str | None:
        if row.sealed_token is None or row.expires_at is None or row.expires_at - clock.now() <= MARGIN:
            return None
        token: str = self._sealer.open(row.sealed_token)["access_token"]
        return token
