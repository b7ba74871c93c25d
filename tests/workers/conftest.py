"""An office whose accounts belong to a sandbox that runs here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from outreach.settings import Settings
from tests.conftest import settings_for
from tests.sandbox.platform import Platform, platform


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    """WeChat and Weibo. Nobody answers at the callback: results have to be asked for."""
    async with platform("http://127.0.0.1:9") as running:
        await running.control("settings", {"publish_delay_s": 0, "callback_timeout_s": 0.05})
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(
        tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url, lookup_after_s=30
    )
