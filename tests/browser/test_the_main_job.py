"""The office's day at the browser: from a form to two posts, a public page and a count that rose by two."""

from __future__ import annotations

import re

from playwright.async_api import Browser, expect

from tests.browser.conftest import PHONE, SCREENSHOTS, sits_down
from tests.processes import Installation

TITLE = "环保设施开放日：走进集宁区污水处理厂"


async def posts_counted(chromium: Browser, demo: Installation) -> int:
    """The month's posts as the page 统计 tells them."""
    async with sits_down(chromium, demo, "statistician") as desk:
        page = await desk.open("/statistics")
        return int(await page.locator("#totals b").first.inner_text())


async def test_an_item_goes_all_the_way(chromium: Browser, demo: Installation) -> None:
    before = await posts_counted(chromium, demo)

    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=event")
        await page.get_by_label("标题", exact=True).fill(TITLE)
        await page.get_by_label("科室").select_option("宣传教育科")
        await page.get_by_label("活动名称").fill("环保设施开放日")
        await page.get_by_role("textbox", name="开始时间").fill("2030-06-05T09:30")
        await page.get_by_label("活动地点").fill("集宁区污水处理厂")
        await page.get_by_label("主办单位").fill("乌兰察布市生态环境局")
        await desk.keep_picture("form")
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        item_path = re.sub(r"^https?://[^/]+", "", page.url)
        await page.get_by_role("button", name="提交审核").click()
        await expect(page.get_by_text("已提交审核")).to_be_visible()

    for role in ("section_head", "confidentiality_reviewer", "signatory"):
        async with sits_down(chromium, demo, role) as desk:
            if role == "confidentiality_reviewer":
                await desk.keep_picture("queue")
            await desk.page.get_by_role("link", name=TITLE).click()
            await desk.page.get_by_role("button", name="同意").click()
            await expect(desk.page).to_have_url(re.compile("/queue"))
            await expect(desk.page.get_by_role("link", name=TITLE)).to_have_count(0)

    async with sits_down(chromium, demo, "publisher") as desk:
        page = desk.page
        await page.get_by_role("link", name=TITLE).click()
        await page.get_by_role("button", name="安排发布").click()
        await expect(page.get_by_text("已安排发布")).to_be_visible()
        for _ in range(100):
            await desk.open(item_path)
            if await page.get_by_text("已发布", exact=True).count() >= 3:
                break
        await expect(page.get_by_text("已发布", exact=True)).to_have_count(3)
        await desk.keep_picture("item", whole=True)
        preview = page.frame_locator("iframe[title^='微信文章预览']")
        await expect(preview.get_by_role("heading", name=TITLE)).to_be_visible()
        async with page.context.expect_page() as opened:
            await page.get_by_role("link", name="公开页").click()
        public = await opened.value
        await expect(public.get_by_role("heading", name=TITLE)).to_be_visible()
        await public.set_viewport_size(PHONE)
        await public.screenshot(path=SCREENSHOTS / "public.png")

    articles = await demo.sandbox("wechat/articles")
    statuses = await demo.sandbox("weibo/statuses")
    assert [one["title"] for one in articles].count(TITLE) == 1
    assert sum(TITLE in one["text"] for one in statuses) == 1
    assert await posts_counted(chromium, demo) == before + 2


async def test_a_finding_is_judged_and_holds_the_item_until_then(
    chromium: Browser, demo: Installation
) -> None:
    async with sits_down(chromium, demo, "confidentiality_reviewer") as desk:
        page = desk.page
        await page.get_by_role("link", name="环保设施向公众开放：走进集宁区污水处理厂").click()
        await page.get_by_role("button", name="同意").click()
        await expect(page.get_by_text("还有 1 处疑点没有判定").first).to_be_visible()
        await desk.keep_picture("finding")
        await page.get_by_label("第 1 处疑点的理由").fill("本科室公务手机，对外公布")
        await page.get_by_role("button", name="误报").click()
        await page.get_by_role("button", name="同意").click()
        await expect(page).to_have_url(re.compile("/queue"))
        desk.complaints.clear()  # the browser notes the refused request of above as an error


async def test_whoever_wrote_it_has_no_button_to_decide(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items?state=in_review")
        await page.locator("main a[href^='/items/0']").first.click()
        await expect(page.get_by_role("button", name="同意")).to_have_count(0)


async def test_every_page_fits_a_phone(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "confidentiality_reviewer", PHONE) as desk:
        await desk.keep_picture("queue-phone")
        for path in ("/items", "/posts", "/needs-attention", "/statistics", "/accounts", "/account"):
            page = await desk.open(path)
            width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert width <= 0, f"{path}: {width} px too wide"
        await desk.open("/queue")
        await desk.page.locator("main a[href^='/items/0']").first.click()
        await desk.keep_picture("item-phone")
    async with sits_down(chromium, demo, "editor", PHONE) as desk:
        for kind in ("eia_notice", "penalty", "air_quality", "event"):
            page = await desk.open(f"/items/new?kind={kind}")
            width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert width <= 0, f"{kind}: {width} px too wide"


async def test_an_item_is_approved_with_the_keyboard_alone(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "signatory") as desk:
        page = desk.page
        first = page.locator("main a[href^='/items/0']").first
        title = await first.inner_text()
        await first.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"/items/0"))
        for _ in range(80):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.textContent.trim()") == "同意":
                break
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/queue"))
        await expect(page.get_by_role("link", name=title, exact=True)).to_have_count(0)


async def test_the_figures_and_the_other_pages_show_themselves(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "statistician") as desk:
        page = await desk.open("/statistics")
        await expect(page.locator("canvas")).to_have_count(1)
        await desk.keep_picture("statistics")
        page = await desk.open("/statistics/year")
        await expect(page.locator("canvas")).to_have_count(1)
        await expect(page.get_by_role("region", name="公开时限")).to_be_visible()
        await page.locator("#totals a").first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("年的发布件")
        await desk.open("/posts")
        await desk.keep_picture("posts")
    async with sits_down(chromium, demo, "editor") as desk:
        await desk.open("/items")
        await desk.keep_picture("items")
    context = await chromium.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.goto(demo.sandbox_url)
    await page.screenshot(path=SCREENSHOTS / "sandbox.png")
    await context.close()
