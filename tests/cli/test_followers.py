"""`outreach followers`: the list of followers is fetched, with progress."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.cli.conftest import Shell
from tests.sandbox.platform import Platform, platform


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    async with platform("http://127.0.0.1:9") as running:
        yield running


@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_followers_are_fetched_and_a_refusal_is_told(outreach: Shell, sandbox: Platform) -> None:
    outreach.environment |= {
        "OUTREACH_WECHAT_BASE_URL": sandbox.url,
        "OUTREACH_WEIBO_BASE_URL": sandbox.url,
    }
    assert "没有这个公众号" in (await outreach("followers", "sync", fails=1)).output
    await outreach("demo", "load")
    await sandbox.control("followers", {"count": 120})
    told = (await outreach("followers", "sync")).stdout
    assert "读取关注时间：100／120 人" in told and "同步完成：名单上有 120 人" in told
    refused = await outreach("followers", "sync", "01K0DEM0WECHAT00000000000C", fails=1)
    assert "没有完成" in refused.stdout and "48001" in refused.stdout
