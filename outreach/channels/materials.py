"""Files that a platform keeps for an account: each content is uploaded once for each use.

A row without an address is an upload under way since `uploaded_at`; when its process died, the next one
takes it over after `LEASE`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, update
from sqlalchemy.exc import IntegrityError

from outreach.channels import budget_rules
from outreach.channels.budgets import take_one
from outreach.channels.model import ChannelName, Material
from outreach.channels.protocol import NotSent
from outreach.foundation import clock
from outreach.foundation.database import Database

LEASE: Final = timedelta(seconds=90)
_POLL_S: Final = 0.1
_POLLS: Final = 1000


class Use(StrEnum):
    """What a file is uploaded for."""

    COVER = "cover"
    CONTENT = "content"


_BUDGETS: Final = {Use.COVER: budget_rules.Use.COVER, Use.CONTENT: budget_rules.Use.CONTENT}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """How the platform calls a file: a media id, an address, or both."""

    media_id: str | None
    url: str | None


class Materials:
    """The files of one account. What was asked for once through this object is known to it."""

    def __init__(self, db: Database, account_id: str) -> None:
        self._db = db
        self._account_id = account_id
        self._known: dict[tuple[str, Use], Uploaded] = {}
        self._one_asks: defaultdict[tuple[str, Use], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def uploaded(self, sha256: str, use: Use, upload: Callable[[], Awaitable[Uploaded]]) -> Uploaded:
        """The file with that content; `upload` is called by one process alone, where it is not there yet.

        Raises what `upload` raises, QuotaSpent where no upload is left today, and NotSent where another process
        takes too long over it.
        """
        async with self._one_asks[sha256, use]:
            if (sha256, use) not in self._known:
                self._known[sha256, use] = await self._kept_or_uploaded(sha256, use, upload)
            return self._known[sha256, use]

    async def forget(self, sha256: str, use: Use, gone: Uploaded) -> None:
        """The platform no longer has `gone`: the next one uploads the file again."""
        if self._known.get((sha256, use)) == gone:
            del self._known[sha256, use]
        async with self._db.begin() as session:
            await session.execute(
                delete(Material).where(
                    self._is(sha256, use),
                    Material.media_id.is_not_distinct_from(gone.media_id),
                    Material.url.is_not_distinct_from(gone.url),
                )
            )

    async def _kept_or_uploaded(
        self, sha256: str, use: Use, upload: Callable[[], Awaitable[Uploaded]]
    ) -> Uploaded:
        for _ in range(_POLLS):
            if kept := await self._kept(sha256, use):
                return kept
            claimed_at = clock.now()
            if await self._claim(sha256, use, claimed_at):
                return await self._upload(sha256, use, claimed_at, upload)
            await asyncio.sleep(_POLL_S)
        raise NotSent("另一进程正在上传同一图片，内容没有发出，稍后自动重试。", code="material-lease")

    async def _kept(self, sha256: str, use: Use) -> Uploaded | None:
        async with self._db.read() as session:
            row = await session.get(Material, (self._account_id, sha256, use))
        if row is None or (row.media_id is None and row.url is None):
            return None
        return Uploaded(row.media_id, row.url)

    async def _claim(self, sha256: str, use: Use, now: datetime) -> bool:
        stale = self._under_way(sha256, use) & (Material.uploaded_at < now - LEASE)
        async with self._db.begin() as session:
            taken_over = await session.execute(
                update(Material).where(stale).values(uploaded_at=now).returning(Material.sha256)
            )
            if taken_over.first() is None:
                if await session.get(Material, (self._account_id, sha256, use)) is not None:
                    return False
                try:
                    async with session.begin_nested():
                        session.add(
                            Material(account_id=self._account_id, sha256=sha256, use=use, uploaded_at=now)
                        )
                except IntegrityError:
                    return False
            # Where no call is left, the upload is nobody's.
            await take_one(session, self._account_id, ChannelName.WECHAT, _BUDGETS[use])
            return True

    async def _upload(
        self, sha256: str, use: Use, claimed_at: datetime, upload: Callable[[], Awaitable[Uploaded]]
    ) -> Uploaded:
        ours = self._under_way(sha256, use) & (Material.uploaded_at == claimed_at)
        uploaded = None
        try:
            uploaded = await upload()
        finally:
            async with self._db.begin() as session:
                if uploaded is None:
                    await session.execute(delete(Material).where(ours))
                else:
                    known: dict[str, Any] = {"media_id": uploaded.media_id, "url": uploaded.url}
                    await session.execute(
                        update(Material).where(ours).values(uploaded_at=clock.now(), **known)
                    )
        return uploaded

    def _is(self, sha256: str, use: Use) -> ColumnElement[bool]:
        return and_(
            Material.account_id == self._account_id, Material.sha256 == sha256, Material.use == use.value
        )

    def _under_way(self, sha256: str, use: Use) -> ColumnElement[bool]:
        return self._is(sha256, use) & Material.media_id.is_(None) & Material.url.is_(None)
