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


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    expires_at: datetime

    def is_good(self) -> bool:
        return self.expires_at - clock.now() > MARGIN


Fetch = Callable[[bool], Awaitable[Issued]]


class SharedToken:
    """The access token of one account. `fetch(force)` asks the platform: for the present token, or, with
    `force`, for a new one that makes the present one invalid; it raises ChannelError.

    It is read once for all calls made through this object, and again when the platform no longer takes it.
    """

    def __init__(self, db: Database, sealer: Sealer, account_id: str, fetch: Fetch) -> None:
        self._db = db
        self._sealer = sealer
        self._account_id = account_id
        self._fetch = fetch
        self._known: _Token | None = None
        self._one_reads = asyncio.Lock()

    async def current(self) -> str:
        """A token that is good for five minutes more; asks the platform only where none is kept."""
        if self._known is not None and self._known.is_good():
            return self._known.text
        async with self._one_reads:
            if self._known is None or not self._known.is_good():
                self._known = await self._other_than(None)
            return self._known.text

    async def renewed(self, rejected: str) -> str:
        """Another token than `rejected`, which the platform no longer takes.

        The platform is asked in the ordinary way first, since another system may have renewed the token;
        only where it still hands out the rejected one is it forced (20 times a day, 30 s apart).
        """
        async with self._one_reads:
            if self._known is None or self._known.text == rejected:
                self._known = await self._other_than(rejected)
            return self._known.text

    async def _other_than(self, rejected: str | None) -> _Token:
        for _ in range(_POLLS):
            row = await self._row()
            kept = self._kept(row)
            if kept is not None and kept.is_good() and kept.text != rejected:
                return kept
            if (lease := await self._claim(row)) is not None:
                return await self._fetch_under(lease, rejected)
            await asyncio.sleep(_POLL_S)
        raise NotSent("另一进程正在刷新 access_token，这一步没有办成，稍后自动重试。", code="token-lease")

    async def _fetch_under(self, lease: datetime, rejected: str | None) -> _Token:
        token = None
        try:
            token = await self._fetch_other_than(rejected)
        finally:
            await self._end(lease, token)
        return token

    async def _fetch_other_than(self, rejected: str | None) -> _Token:
        issued = await self._fetch(False)
        if issued.access_token == rejected:
            issued = await self._fetch(True)
        return _Token(issued.access_token, clock.now() + timedelta(seconds=issued.expires_in_s))

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

    async def _end(self, lease: datetime, token: _Token | None) -> None:
        """Gives the lease back, with the new token where there is one; a lease that another process has
        taken over in the meantime is left alone."""
        values: dict[str, object] = {"lease_until": None}
        if token is not None:
            values["sealed_token"] = self._sealer.seal({"access_token": token.text})
            values["expires_at"] = token.expires_at
        async with self._db.begin() as session:
            await session.execute(
                update(AccountToken)
                .where(AccountToken.account_id == self._account_id, AccountToken.lease_until == lease)
                .values(**values)
            )

    def _kept(self, row: AccountToken) -> _Token | None:
        if row.sealed_token is None or row.expires_at is None:
            return None
        return _Token(self._sealer.open(row.sealed_token)["access_token"], row.expires_at)
