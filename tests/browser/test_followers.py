"""A follower's phone: the menu that a publisher put there, the page that it opens, and words that are answered."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Desk, sits_down
from tests.processes import Installation


async def test_a_follower_opens_the_menu_and_chooses_what_they_hear_of(
    chromium: Browser, demo: Installation
) -> None:
    await demo.sandbox("followers", {"count": 2})
    async with sits_down(chromium, demo, "publisher") as desk:
        page = await desk.open("/menus")
        await page.get_by_role("button", name="发布菜单").click()
        await expect(page.get_by_text("微信上的菜单与本系统的一致")).to_be_visible()
        await desk.keep_picture("menu")

    context = await chromium.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    street = await context.new_page()
    await street.goto(demo.sandbox_url)
    await street.get_by_label("这部手机是谁的").select_option(index=1)
    await street.get_by_text("我的订阅", exact=True).click()
    async with context.expect_page() as opened:
        await street.get_by_role("link", name="订阅和退订").click()
    phone = Desk(await opened.value, demo)
    await _choose(phone)
    await _look_at_my_data(phone)
    assert [one for one in phone.complaints if "422" not in one] == []

    await street.get_by_label("发给公众号的消息").fill("我的订阅")
    await street.keyboard.press("Enter")
    await expect(street.get_by_text("您现在没有订阅").first).to_be_visible(timeout=15_000)
    await context.close()


async def _choose(phone: Desk) -> None:
    page = phone.page
    await page.get_by_role("button", name="同意并继续").wait_for()
    await phone.keep_picture("follow-consent-phone")
    await page.get_by_role("button", name="同意并继续").click()
    air = page.locator("#air_quality")
    await air.get_by_label("中度污染及以上").check()
    await air.get_by_role("button", name="集宁区").click()
    await expect(air.get_by_role("button", name="集宁区")).to_have_attribute("aria-pressed", "true")
    await page.locator("#eia_notice").get_by_role("button", name="丰镇市").click()
    await page.get_by_label("企业名称").fill("有限公司")
    await page.get_by_role("button", name="关注它的行政处罚").click()
    await expect(page.get_by_role("alert")).to_contain_text("名称太笼统")
    await page.get_by_label("企业名称").fill("集宁区禾川供热")
    await page.get_by_role("button", name="关注它的行政处罚").click()
    await expect(page.get_by_role("heading", name="已订阅 3 项")).to_be_visible()
    assert "openid" not in page.url
    await page.get_by_label("什么时候接收").select_option("8")
    await page.get_by_role("button", name="保存").click()
    await _is_for_thumbs(page)
    await page.evaluate("scrollTo(0, 0)")
    await phone.keep_picture("follow-phone", whole=True)
    await page.set_viewport_size(PHONE)
    await page.get_by_role("button", name="退订丰镇市环评公示").click()
    await expect(page.get_by_role("heading", name="已订阅 2 项")).to_be_visible()


async def _is_for_thumbs(page: Page) -> None:
    """Whatever is tapped is high enough, and nothing scrolls sideways."""
    heights = await page.locator("button:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def _look_at_my_data(phone: Desk) -> None:
    page = phone.page
    await page.get_by_role("link", name="我的数据").click()
    await expect(page.get_by_text("每天 8 点汇总")).to_be_visible()
    await phone.keep_picture("follow-data-phone")
    await page.get_by_label("确认删除").check()
    await page.get_by_role("button", name="删除我的数据").click()
    await expect(page.get_by_role("heading", name="已删除")).to_be_visible()
