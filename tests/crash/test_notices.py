"""Workers are killed again and again while followers are told: each hears exactly once, and what was asked twice was asked
under one id."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.model import NoticeState
from outreach.followers.notices.rules import LEASE
from outreach.settings import Settings
from tests.builders import OfficeStory
from tests.conftest import SECRET_KEY, settings_for
from tests.sandbox.platform import Platform, platform
from tests.waiting import eventually
from tests.workers.subscribers import TEMPLATE, Subscribers

FOLLOWERS, KILLS = 400, 3
AFTER_THE_LEASE_S = LEASE.total_seconds() + 5


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    async with platform("http://127.0.0.1:9") as running:
        await running.control("settings", {"callback_again_s": 0.05})
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
async def test_however_often_workers_are_killed_each_follower_hears_exactly_once(
    story: OfficeStory, sandbox: Platform, settings: Settings
) -> None:
    subscribers = Subscribers(story, sandbox, (await story.accounts())[0])
    await subscribers.settings(notices_quiet_from="", notices_quiet_until="")
    topic = await subscribers.topic()
    await subscribers.template()
    openids = await subscribers.join(FOLLOWERS, topic)
    await story.item().published(subscribers.account)
    for number in range(KILLS):
        async with telling(settings, ahead_s=number * AFTER_THE_LEASE_S):
            await until_more_are_told(sandbox)
    async with telling(settings, ahead_s=KILLS * AFTER_THE_LEASE_S):
        await eventually(lambda: is_done(subscribers), within_s=240)
    (notice,) = await subscribers.notices()
    told = Counter((one["openid"], one["client_msg_id"]) for one in await subscribers.told())
    assert told == dict.fromkeys([(openid, notice.id) for openid in openids], 1)
    asked = await calls_by_follower(sandbox)
    assert set(asked) == {(openid, notice.id) for openid in openids}
    assert asked.total() > FOLLOWERS  # somebody was asked for again
    assert await subscribers.states(notice) == {RecipientState.SENT: FOLLOWERS}


@asynccontextmanager
async def telling(settings: Settings, *, ahead_s: float) -> AsyncIterator[None]:
    """A worker at work, killed at the end of the block."""
    variables = {
        "OUTREACH_HOME": str(settings.home),
        "OUTREACH_DATABASE_URL": settings.database_url,
        "OUTREACH_SECRET_KEY": SECRET_KEY,
        "OUTREACH_WECHAT_BASE_URL": settings.wechat_base_url,
    }
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash.telling", str(ahead_s)), env={**os.environ, **variables}
    )
    try:
        yield
    finally:
        worker.kill()
        await worker.wait()


async def until_more_are_told(sandbox: Platform) -> None:
    """In the middle of a block: some more have been told than before."""
    before = (await sandbox.control("wechat/messages/summary"))["total"]

    async def some_more() -> bool:
        total = (await sandbox.control("wechat/messages/summary"))["total"]
        return total > before + 70 or total == FOLLOWERS

    await eventually(some_more, within_s=120)


async def is_done(subscribers: Subscribers) -> bool:
    return {one.state for one in await subscribers.notices()} == {NoticeState.DONE}


async def calls_by_follower(sandbox: Platform) -> Counter[tuple[str, str]]:
    """How often the platform was asked for each follower under each id."""
    asked: Counter[tuple[str, str]] = Counter()
    after = 0
    while page := await sandbox.control(f"requests?after={after}&limit=1000"):
        after = page[-1]["id"]
        bodies: list[dict[str, Any]] = [one["body"] for one in page if one["path"] == TEMPLATE]
        asked.update((body["touser"], body["client_msg_id"]) for body in bodies)
    return asked
