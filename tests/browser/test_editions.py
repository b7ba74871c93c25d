"""The day's edition at the browser: composed by dragging and by buttons, previewed, pushed once to everybody."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, sits_down
from tests.processes import Installation


async def test_an_edition_is_composed_dragged_previewed_and_pushed(
    chromium: Browser, demo: Installation
) -> None:
    await demo.sandbox("followers", {"count": 3})
    async with sits_down(chromium, demo, "publisher") as desk:
        page = await desk.open("/editions")
        await page.get_by_role("button", name="新建推送").click()
        boxes = page.locator(".candidates input")
        titles = await page.locator(".candidates .form-check-label").all_inner_texts()
        for number in range(3):
            await boxes.nth(number).check()
        await page.get_by_role("button", name="加入推送").click()
        await _stand(page, *titles[:3])

        await _drag(page, page.locator(".article-grip").nth(2), page.locator(".article-grip").nth(0))
        await _stand(page, titles[2], titles[0], titles[1])
        moved = page.locator("[data-article]").filter(has_text=titles[2])
        await moved.get_by_role("button", name="下移").click()
        await _stand(page, titles[0], titles[2], titles[1])
        await page.reload()
        await _stand(page, titles[0], titles[2], titles[1])
        await desk.keep_picture("edition", whole=True)

        await page.set_viewport_size(PHONE)
        await desk.keep_picture("edition-phone")
        await page.set_viewport_size(DESKTOP)
        await page.get_by_label("发给谁").fill("reader_01")
        await page.get_by_role("button", name="发送预览").click()
        await expect(page.get_by_text("已送出")).to_be_visible()
        await page.get_by_role("button", name="群发", exact=True).click()
        await expect(page.get_by_text("已安排群发")).to_be_visible()
        await expect(page.get_by_role("status").get_by_text("已群发", exact=True)).to_be_visible(
            timeout=30_000
        )
        await expect(page.locator(".facts")).to_contain_text("3 人（目标 3 人）")
        await desk.keep_picture("edition-pushed", whole=True)

    (push,) = await demo.sandbox("wechat/pushes")
    assert [one["title"] for one in push["articles"]] == [titles[0], titles[2], titles[1]]


async def _stand(page: Page, *titles: str) -> None:
    """The articles stand in this order, in the list and on the phone."""
    phone = page.locator(".wechat-head-title, .wechat-row-title")
    await expect(phone).to_have_text(list(titles))
    await expect(page.locator("[data-article] .article-words")).to_have_text(
        [re.compile(re.escape(title)) for title in titles]
    )
    await expect(page.locator(".is-sortable")).to_have_count(1)


async def _drag(page: Page, what: Locator, onto: Locator) -> None:
    here, there = await what.bounding_box(), await onto.bounding_box()
    assert here
    assert there
    await page.mouse.move(here["x"] + here["width"] / 2, here["y"] + here["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(here["x"], here["y"] - 20, steps=5)
    await page.mouse.move(there["x"] + there["width"] / 2, there["y"] - 4, steps=15)
    await page.mouse.up()
