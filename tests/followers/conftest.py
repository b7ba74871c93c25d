"""An office whose callback address the sandbox reaches, and people who follow its account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from outreach.channels.model import Account
from outreach.followers.model import Follower
from outreach.office.context import Office
from outreach.office.handle_message import handle_waiting
from outreach.office.send_replies import send_due
from outreach.settings import Settings
from outreach.web.app import create_app
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.sandbox.platform import Platform, platform


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    async with platform("http://127.0.0.1:9") as running:
        await running.control("settings", {"publish_delay_s": 0, "callback_again_s": 0.1})
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url)


@dataclass
class Street:
    """The people outside, as their telephones and WeChat's server tell the office of them."""

    office: Office
    sandbox: Platform
    account: Account

    async def tell(self, kind: str, **values: Any) -> dict[str, Any]:
        """Somebody does something: how WeChat's push of it ended."""
        appid = self.sandbox.wechat["appid"]
        told: dict[str, Any] = await self.sandbox.control(
            "events", {"account": appid, "type": kind, **values}
        )
        return told

    async def work(self) -> None:
        """What the queue `conversations` does when it is woken."""
        while await handle_waiting(self.office, worker="a worker", limit=50):
            pass
        while await send_due(self.office, worker="a worker"):
            pass

    async def heard(self) -> list[dict[str, Any]]:
        """What followers got from the account."""
        return list(await self.sandbox.control("wechat/messages"))

    async def followers(self) -> list[Follower]:
        async with self.office.db.read() as session:
            return list(await session.scalars(select(Follower).order_by(Follower.id)))


@pytest.fixture
async def street(office: Office, story: OfficeStory, sandbox: Platform) -> AsyncIterator[Street]:
    account = (await story.accounts())[0]
    async with TestServer(create_app(office)) as server:
        address = str(server.make_url(f"/callbacks/wechat/{account.id}"))
        await sandbox.control("accounts", {"appid": sandbox.wechat["appid"], "callback_url": address})
        yield Street(office, sandbox, account)
