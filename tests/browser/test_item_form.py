"""The form helps while it is typed into."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import sits_down
from tests.processes import Installation

KEPT_TEXTS = "Object.keys(sessionStorage).filter((key) => key.startsWith('outreach.form:')).length"
"""How many texts the tab keeps."""


async def test_characters_are_counted_and_a_long_title_asks_for_a_short_one(
    chromium: Browser, demo: Installation
) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=penalty")
        title, short_title = page.get_by_label("标题", exact=True), page.get_by_label("短标题")
        question = page.get_by_text("标题超过 32 个字：要发微信")
        await title.fill("𠮷" + "长" * 31)
        await expect(page.get_by_text("32/64")).to_be_visible()
        await expect(question).to_be_hidden()
        await title.fill("𠮷" + "长" * 32)
        await expect(question).to_be_visible()
        await short_title.fill("短" * 33)
        await expect(page.get_by_text("33/32")).to_have_class(re.compile("is-over"))
        await expect(question).to_be_hidden()
        await title.fill("")
        await short_title.fill("")


async def test_the_preview_follows_what_is_typed(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=penalty")
        preview, article = (
            page.locator("#typed-preview"),
            page.frame_locator("#typed-article iframe:last-child"),
        )
        await page.get_by_label("标题", exact=True).fill("随手公示的标题")
        await expect(article.get_by_role("heading", name="随手公示的标题")).to_be_visible()
        depth = await page.evaluate("history.length")
        await page.get_by_label("正文", exact=True).fill("## 基本情况\n\n超标排放。")
        await expect(article.get_by_role("heading", name="基本情况")).to_be_visible()
        await expect(page.locator("#typed-article iframe")).to_have_count(1)
        assert await page.evaluate("history.length") == depth
        await page.get_by_label("形成日期").fill("2026-03-02")
        await expect(preview).to_contain_text("2026年3月30日")
        await page.get_by_label("标题", exact=True).fill("#话题#公示")
        await expect(page.locator("#refused-title")).to_contain_text("微博会当作话题")
        await page.get_by_label("正文", exact=True).fill("机密★1年\n内容")
        await expect(preview).to_contain_text("含有密级标志")
        await expect(page.locator("#typed-article")).to_be_hidden()


async def fill_in_a_penalty(page: Page, title: str) -> None:
    """Everything that a penalty needs but its party."""
    await page.get_by_label("标题", exact=True).fill(title)
    await page.get_by_label("科室").select_option("法规与标准科")
    await page.get_by_label("当事人类型").select_option("企业")
    await page.get_by_label("违法事实").fill("超标排放水污染物")
    await page.get_by_label("处罚依据").fill("水污染防治法第八十三条")
    await page.get_by_label("处罚种类").fill("罚款")


async def test_a_new_form_becomes_a_draft_by_itself(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=penalty")
        line = page.locator("#autosave")
        await fill_in_a_penalty(page, "自己保存的处罚公示")
        await expect(line).to_contain_text("未保存：当事人")
        await page.get_by_label("当事人", exact=True).fill("示范化工有限公司")
        await expect(line).to_contain_text(re.compile(r"已自动保存 \d\d:\d\d"))
        await expect(page).to_have_url(re.compile(r"/items/\w{26}/edit"))
        await page.get_by_label("当事人", exact=True).fill("示范化工二厂")
        await expect(page.locator("[name=version]")).to_have_value("2")
        await page.reload()
        await expect(page.get_by_label("当事人", exact=True)).to_have_value("示范化工二厂")
        await page.get_by_label("当事人", exact=True).fill("示范化工三厂")
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("heading", name="自己保存的处罚公示", level=1)).to_be_visible()
        await expect(page.locator("main")).to_contain_text("示范化工三厂")
        await desk.open("/items?q=自己保存的处罚公示")
        await expect(page.get_by_role("link", name="自己保存的处罚公示")).to_have_count(1)


async def test_a_draft_that_somebody_else_changed_is_not_saved_over(
    chromium: Browser, demo: Installation
) -> None:
    async with sits_down(chromium, demo, "editor") as desk, sits_down(chromium, demo, "editor") as other:
        page = await desk.open("/items/new?kind=penalty")
        await page.get_by_label("当事人", exact=True).fill("示范化工有限公司")
        await fill_in_a_penalty(page, "两人同时改的公示")
        await expect(page).to_have_url(re.compile(r"/items/\w{26}/edit"))
        await other.page.goto(page.url)
        await other.page.get_by_label("违法事实").fill("他人写的事实")
        await other.page.get_by_role("button", name="保存").click()
        await expect(other.page.get_by_text("已保存。")).to_be_visible()
        await page.get_by_label("违法事实").fill("我写的事实")
        await expect(page.locator("#autosave")).to_contain_text("他人刚更改了这条信息")
        await other.page.reload()
        await expect(other.page.locator("main")).to_contain_text("他人写的事实")


async def test_what_is_not_saved_yet_stays_in_its_tab_until_the_login(
    chromium: Browser, demo: Installation
) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=event")
        await page.get_by_label("活动名称").fill("低碳日")
        await page.get_by_label("附加名称 2").fill("集合地点")
        await expect(page.locator("#autosave")).to_contain_text("未保存：")
        page.on("dialog", lambda dialog: dialog.accept())
        await page.reload()
        await page.get_by_role("button", name="恢复").click()
        await expect(page.get_by_label("活动名称")).to_have_value("低碳日")
        await expect(page.get_by_label("附加名称 2")).to_have_value("集合地点")
        await page.get_by_label("正文", exact=True).fill("机密★1年\n内容")
        await expect(page.locator("#autosave")).to_contain_text("密级标志")
        assert await page.evaluate(KEPT_TEXTS) == 0
        await page.get_by_label("正文", exact=True).fill("内容")
        await expect(page.locator("#autosave")).not_to_contain_text("密级标志")
        assert await page.evaluate(KEPT_TEXTS) == 1
        await page.get_by_role("button", name="退出登录").first.click()
        await page.wait_for_url(re.compile("/login"))
        assert await page.evaluate(KEPT_TEXTS) == 0
