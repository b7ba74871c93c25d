"""What hands do without meaning to: Enter in an input, two presses for one, a form left open for too long."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import sits_down
from tests.processes import Installation
from tests.waiting import eventually

TITLE = "低碳日宣传：骑行进社区"


async def fill_in_an_event(page: Page, title: str) -> None:
    """Everything that an event needs."""
    await page.get_by_label("标题", exact=True).fill(title)
    await page.get_by_label("科室").select_option("宣传教育科")
    await page.get_by_label("活动名称").fill("低碳日")
    await page.get_by_role("textbox", name="开始时间").fill("2030-06-05T09:30")
    await page.get_by_label("活动地点").fill("桥东社区")
    await page.get_by_label("主办单位").fill("乌兰察布市生态环境局")


async def is_sent(requests: list[str]) -> bool:
    """Whether the first of them is on its way."""
    return bool(requests)


async def test_enter_in_a_long_form_saves_nothing(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=event")
        await fill_in_an_event(page, "按了回车的活动")
        await page.get_by_label("标题", exact=True).press("Enter")
        await desk.open("/items")
        await expect(page.get_by_role("link", name="按了回车的活动")).to_have_count(0)


async def test_enter_in_the_time_of_a_post_plans_nothing(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "publisher") as desk:
        page = desk.page
        await page.locator("#approved ~ .card [data-row-link]").first.click()
        await page.wait_for_url(re.compile("/items/0"))
        await page.get_by_label("发布时间").press("Enter")
        await page.reload()
        await expect(page.get_by_role("button", name="安排发布")).to_be_visible()
        await expect(page.get_by_role("heading", name="发布件")).to_have_count(0)


async def test_two_presses_decide_once_and_complain_of_nothing(chromium: Browser, demo: Installation) -> None:
    sent: list[str] = []
    answer = asyncio.Event()

    async def answer_later(route: Route) -> None:
        sent.append(route.request.url)
        await answer.wait()
        await route.continue_()

    async with sits_down(chromium, demo, "section_head") as desk:
        page = desk.page
        await page.locator("main [data-row-link]").first.click()
        await page.wait_for_url(re.compile("/items/0"))
        await page.route("**/reviews", answer_later)
        await page.get_by_role("button", name="同意").focus()
        await page.keyboard.press("Enter")
        await eventually(lambda: is_sent(sent))
        await page.keyboard.press("Enter")
        answer.set()
        await expect(page).to_have_url(re.compile("/queue"))
        await expect(page.get_by_text("您的决定已记录")).to_be_visible()
    assert len(sent) == 1


async def test_a_form_that_outlives_its_session_is_saved_after_the_login(
    chromium: Browser, demo: Installation
) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=event")
        await fill_in_an_event(page, TITLE)
        await page.context.clear_cookies()
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_text("您填写的内容都还在")).to_be_visible()
        await page.get_by_label("用户名").fill("editor")
        await page.get_by_label("密码").fill((demo.home / "demo_password").read_text().strip())
        await page.get_by_role("button", name="登录").click()
        await page.get_by_role("button", name="继续提交").click()
        await expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        desk.complaints.clear()  # the browser notes the 401 of above as an error
