"""发布日历 in a browser: a planned post is dragged to another day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from outreach.foundation import clock
from outreach.office.context import Office
from outreach.people.model import Role
from outreach.web.app import create_app
from tests.browser.conftest import DESKTOP, PHONE
from tests.builders import PASSWORD, QUICK, OfficeStory
from tests.servers import Sqlite

TITLE = "环保设施开放日"


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What a browser does has nothing to do with the database."""
    return sqlite


async def test_a_planned_post_is_dragged_to_another_day_and_keeps_its_time(
    chromium: Browser, office: Office, story: OfficeStory
) -> None:
    first = clock.today(clock.SHANGHAI).replace(day=1)
    month = (first + timedelta(days=40)).replace(day=1)  # the next one: all of its days are still to come
    at = clock.read(f"{month.replace(day=10)}T09:30", clock.SHANGHAI)
    item = await story.item("event", title=TITLE).planned(at=at)
    await story.person(Role.PUBLISHER)
    async with TestServer(create_app(office, passwords=QUICK)) as server:
        page = await chromium.new_page(viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai")
        complaints: list[str] = []
        page.on("console", lambda told: complaints.append(told.text))
        await page.goto(str(server.make_url(f"/login?next=/calendar?month={month:%Y-%m}")))
        await page.get_by_label("用户名").fill("publisher")
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await page.wait_for_url(re.compile("/calendar"))
        await page.locator("[data-post]").drag_to(page.locator(f'[data-day="{month.replace(day=17)}"]'))
        await expect(page.get_by_text("已改期")).to_be_visible()
        await expect(page.locator(f'[data-day="{month.replace(day=17)}"]')).to_contain_text(TITLE)
        assert (await story.post(item)).at == at + timedelta(days=7)
        await page.set_viewport_size(PHONE)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await page.get_by_text("改期", exact=True).first.click()
        await expect(page.get_by_role("button", name="改期")).to_be_visible()
        assert complaints == []
        await page.close()
