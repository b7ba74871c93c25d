"""An office whose accounts belong to a sandbox that runs here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outreach.channels.model import Account
from outreach.settings import Settings
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.sandbox.platform import Platform, platform
from tests.workers.edition_desk import EditionDesk
from tests.workers.subscribers import Subscribers


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    """WeChat and Weibo. Nobody answers at the callback: results have to be asked for."""
    async with platform("http://127.0.0.1:9") as running:
        await running.control("settings", {"publish_delay_s": 0, "callback_again_s": 0.05})
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(
        tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url, lookup_after_s=30
    )


@pytest.fixture
async def desk(story: OfficeStory, sandbox: Platform) -> EditionDesk:
    """An account with three followers, and nothing composed yet."""
    await sandbox.followers(3)
    return EditionDesk(story, sandbox, (await story.accounts())[0])


@pytest.fixture
async def wechat(story: OfficeStory) -> Account:
    return (await story.accounts())[0]


@pytest.fixture
async def weibo(story: OfficeStory) -> Account:
    return (await story.accounts())[1]


@pytest.fixture
async def drafts_only(story: OfficeStory) -> Account:
    return (await story.accounts())[2]


@pytest.fixture
async def subscribers(story: OfficeStory, sandbox: Platform) -> Subscribers:
    """Those of an account that tells them at any hour."""
    made = Subscribers(story, sandbox, (await story.accounts())[0])
    await made.settings(notices_quiet_from="", notices_quiet_until="")
    return made
