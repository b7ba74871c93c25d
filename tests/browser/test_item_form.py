"""The form helps while it is typed into."""

from __future__ import annotations

import re

from playwright.async_api import Browser, expect

from tests.browser.conftest import sits_down
from tests.processes import Installation


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
