"""The publisher's desk for editions: one edition, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from outreach.channels.model import Account
from outreach.channels.push_protocol import Reach
from outreach.channels.wechat.callback import PushFinished
from outreach.foundation import audit, clock
from outreach.office import settle_editions
from outreach.office.compose_edition import (
    create_edition,
    plan_push,
)
from outreach.office.push_edition import push_due
from outreach.publishing.editions.model import Edition
from outreach.publishing.editions.queries import articles_of, attempts_of
from outreach.publishing.model import Post
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.workers.desk import counted

SENDALL = "/cgi-bin/message/mass/sendall"
DRAFT_ADD = "/cgi-bin/draft/add"
MASS_GET = "/cgi-bin/message/mass/get"

on_sqlite = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
"""What depends on no database is tried on one."""


class EditionDesk:
    """The publisher's desk: one edition and what becomes of it."""

    def __init__(self, story: OfficeStory, sandbox: Platform, account: Account) -> None:
        self.story, self.sandbox, self.account = story, sandbox, account
        self.office = story.office
        self.id = ""

    async def composed(self, *titles: str) -> Edition:
        """A new edition with an approved item of each title."""
        items = [await self.story.item(title=title).approved() for title in titles]
        by = await self.story.person("publisher")
        edition = await create_edition(self.office, by, self.account.id, [item.id for item in items])
        self.id = edition.id
        return edition

    async def planned(self, *titles: str, in_s: float | None = None) -> Edition:
        await self.composed(*titles)
        return await self.plan(in_s=in_s)

    async def plan(self, *, in_s: float | None = None) -> Edition:
        at = None if in_s is None else clock.now() + timedelta(seconds=in_s)
        by = await self.story.person("publisher")
        async with self.office.db.begin() as session:
            return await plan_push(session, self.id, by, at, version=None)

    async def push(self) -> int:
        return await push_due(self.office, worker="a worker")

    async def settle(self) -> None:
        await settle_editions.settle(self.office, worker="another worker")

    async def fresh(self) -> Edition:
        async with self.office.db.read() as session:
            return await session.get_one(Edition, self.id)

    async def posts(self) -> list[Post]:
        async with self.office.db.read() as session:
            return await articles_of(session, self.id)

    async def outcomes(self) -> list[str]:
        async with self.office.db.read() as session:
            return [attempt.outcome for attempt in await attempts_of(session, self.id)]

    async def pushes(self) -> list[dict[str, Any]]:
        return list(await self.sandbox.control("wechat/pushes"))

    async def fault(self, path: str, action: str, value: float | None = None) -> None:
        await self.sandbox.control("faults", {"path": path, "action": action, "value": value, "times": 1})

    async def event(self, msg_id: str, status: str = "send success", **others: Any) -> None:
        """WeChat's event reaches the callback."""
        said = {
            "reach": Reach(3, 3, 3, 0),
            "reprints": (),
            "urls": {},
            "at": clock.now().replace(microsecond=0),
            **others,
        }
        event = PushFinished(msg_id=msg_id, status=status, dedupe_key=msg_id, **said)
        await settle_editions.receive_push_finished(self.office, self.account.id, event)

    async def is_true(self, *, pushed: int) -> None:
        """One push and no more, its articles counted each by itself, the audit chain whole."""
        assert len([one for one in await self.pushes() if one["status"] == "SEND_SUCCESS"]) == pushed
        assert await counted(self.story) == sum(post.published_at is not None for post in await self.posts())
        async with self.office.db.read() as session:
            assert await audit.verify(session) == []
