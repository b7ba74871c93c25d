"""The platform's figures: fetched once a day after eight, asked for again while the platform counts, and kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from outreach.channels.model import Account
from outreach.foundation import clock
from outreach.office import settle_posts
from outreach.office.context import Office
from outreach.office.fetch_figures import fetch_figures
from outreach.people.model import Role
from outreach.publishing.model import Post, PostState
from outreach.settings import Settings
from outreach.statistics.reads.queries import ArticleRead, article_reads, fetch_problems, follower_days
from outreach.statistics.rules import month_of
from outreach.web.app import create_app
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.web.conftest import QUICK, Browser
from tests.workers.conftest import sandbox  # noqa: F401 - a fixture
from tests.workers.desk import calls, deliver, later

NEW, OLD = "/datacube/getarticletotaldetail", "/datacube/getarticletotal"
ON_SQLITE = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:  # noqa: F811
    return settings_for(tmp_path, database_url, wechat_base_url=sandbox.url, weibo_base_url=sandbox.url)


@contextmanager
def at(sandbox: Platform, days: int, hour: int) -> Iterator[None]:  # noqa: F811
    """So many days on, at that hour, here and there."""
    then = (datetime.now(clock.SHANGHAI) + timedelta(days=days)).replace(hour=hour, minute=0)
    sandbox.clock.forward(then.timestamp() - sandbox.clock())
    with clock.at(then, running=True):
        yield


async def publish(story: OfficeStory, sandbox: Platform) -> Post:  # noqa: F811
    """A penalty that came out on WeChat at three in the afternoon."""
    with at(sandbox, 0, 15):
        item = await story.item().planned()
        await deliver(story.office)
        wait_s = itertools.count(30, 30)

        async def is_out() -> bool:
            with later(next(wait_s)):
                await settle_posts.ask_results(story.office, worker="w", limit=9)
            return (await story.post(item)).state is PostState.PUBLISHED

        await eventually(is_out)
        return await story.post(item)


async def reads(story: OfficeStory, post: Post) -> ArticleRead:
    assert post.published_at is not None
    zone = story.office.settings.zone
    async with story.office.db.read() as session:
        auditor = await story.person(Role.AUDITOR)
        (read,) = await article_reads(session, auditor, month_of(post.published_at, zone), zone)
    return read


async def told(sandbox: Platform, post: Post, on: datetime, **figures: int) -> None:  # noqa: F811
    day = on.astimezone(clock.SHANGHAI).date().isoformat()
    await sandbox.control("wechat/figures", {"msgid": f"{post.msg_data_id}_1", "date": day, **figures})


async def fetch(office: Office) -> int:
    """How many accounts were asked about."""
    number = 0
    while await fetch_figures(office, worker="w"):
        number += 1
    return number


async def test_figures_come_after_eight_and_late_corrections_are_taken(
    story: OfficeStory,
    sandbox: Platform,  # noqa: F811
) -> None:
    post = await publish(story, sandbox)
    assert post.msg_data_id and post.published_at
    with at(sandbox, 1, 7):
        assert await fetch(story.office) == 0
    with at(sandbox, 1, 9):
        assert (await reads(story, post)).reading is None
        await told(sandbox, post, post.published_at, read_user=40, like_user=2)
        assert await fetch(story.office) == 1
        assert await fetch(story.office) == 0
        first = (await reads(story, post)).reading
        assert first and (first.read_users, first.like_users, first.read_count) == (40, 2, None)
    with at(sandbox, 2, 9):
        await told(sandbox, post, post.published_at, read_user=35)
        await told(sandbox, post, post.published_at + timedelta(days=1), read_user=5)
        assert await fetch(story.office) == 1
        second = (await reads(story, post)).reading
        assert second and second.read_users == 40 and second.on > first.on
    async with story.office.db.read() as session:
        days = await follower_days(session, f"{second.on:%Y-%m}")
    assert len(days) >= 1 and {day.following for day in days} == {0}


@ON_SQLITE
async def test_what_is_not_ready_is_asked_for_later_and_a_refusal_tomorrow(
    story: OfficeStory,
    sandbox: Platform,  # noqa: F811
) -> None:
    post = await publish(story, sandbox)
    fault = {"path": NEW, "action": "errcode", "times": 1}
    with at(sandbox, 1, 9):
        await sandbox.control("faults", {**fault, "value": 61503})
        assert await fetch(story.office) == 1
        assert "没有准备好" in await problem(story)
        assert await fetch(story.office) == 0
    with at(sandbox, 1, 10):
        await sandbox.control("faults", {**fault, "path": OLD, "value": 48001})
        assert await fetch(story.office) == 1
        assert await problem(story) == ""
        assert (await reads(story, post)).reading is not None
    with at(sandbox, 2, 9):
        await sandbox.control("faults", {**fault, "value": 48001})
        assert await fetch(story.office) == 1
        assert "48001" in await problem(story)
        before = await calls(sandbox, NEW)
    with at(sandbox, 2, 12):
        assert await fetch(story.office) == 0
        assert await calls(sandbox, NEW) == before


async def problem(story: OfficeStory) -> str:
    account: Account = (await story.accounts())[0]
    async with story.office.db.read() as session:
        return (await fetch_problems(session)).get(account.id, "")


@ON_SQLITE
async def test_the_page_shows_what_the_platform_told(story: OfficeStory, sandbox: Platform) -> None:  # noqa: F811
    post = await publish(story, sandbox)
    await story.person(Role.AUDITOR)
    async with TestClient(TestServer(create_app(story.office, passwords=QUICK))) as client:
        browser = Browser(client)
        await browser.get("/login")
        await browser.sign_in("auditor")
        month = f"{post.published_at:%Y-%m}"
        assert "平台还没有给出数据" in (await browser.get(f"/statistics/reads?month={month}")).text
        with at(sandbox, 1, 9):
            await told(sandbox, post, clock.now() - timedelta(days=1), read_user=4321)
            await fetch(story.office)
        page = await browser.get(f"/statistics/reads?month={month}")
        assert "4321" in page.text and post.item.title in page.text
        assert (await browser.get("/statistics/reads?month=2026-13")).status == 422
