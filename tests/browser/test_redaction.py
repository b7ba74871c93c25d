"""遮盖建议 at two browsers: the reviewer proposes with one press, the submitter takes it over with another."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Browser, expect

from tests.browser.conftest import DESKTOP, sits_down
from tests.processes import Installation

TITLE: Final = "集宁区赵某露天焚烧秸秆行政处罚决定"
NUMBER, MASKED = "150921198602149874", "150***********9874"


async def test_a_proposal_is_made_and_taken_over(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "confidentiality_reviewer") as desk:
        page = desk.page
        await page.get_by_role("link", name=TITLE).click()
        await expect(page.get_by_label(f"遮盖为：{MASKED}")).to_be_checked()
        await desk.keep_picture("redaction-reviewer", whole=True)
        await page.set_viewport_size(DESKTOP)
        await page.get_by_role("button", name="退回并附遮盖建议").click()
        await expect(page.get_by_text("已退回，并附上遮盖建议")).to_be_visible()

    async with sits_down(chromium, demo, "editor") as desk:
        page = desk.page
        await page.get_by_role("link", name=TITLE).click()
        await expect(page.locator("#proposal ins").first).to_be_visible()
        await desk.keep_picture("redaction-editor", whole=True)
        await page.set_viewport_size(DESKTOP)
        await page.get_by_role("button", name="采纳建议").click()
        await expect(page.get_by_text("已采纳遮盖建议")).to_be_visible()
        await expect(page.locator(".item-text").get_by_text(MASKED).first).to_be_visible()
        await expect(page.get_by_text(NUMBER)).to_have_count(0)
        await page.get_by_role("link", name="逐字对照").click()
        await expect(page.get_by_role("heading", name="第 2 版与第 1 版对照")).to_be_visible()
        await expect(page.locator("del").nth(1)).to_be_visible()
        await desk.keep_picture("revision")
