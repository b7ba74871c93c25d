"""The index that stands beside the concentrations while they are typed."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, sits_down
from tests.processes import Installation

TYPED = {
    "SO2_24h": "11",
    "NO2_24h": "14",
    "CO_24h": "0.4",
    "O3_8h": "96",
    "PM10_24h": "312",
    "PM2.5_24h": "58",
}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_the_index_follows_what_is_typed(
    chromium: Browser, demo: Installation, viewport: dict[str, int]
) -> None:
    async with sits_down(chromium, demo, "editor", viewport) as desk:
        page = await desk.open("/items/new?kind=air_quality")
        index = page.locator("#air-index")
        await page.get_by_label("时段").select_option("daily")
        await expect(index).to_contain_text("填写浓度后")
        for key, value in TYPED.items():
            await page.locator(f'[name="{key}"]').fill(value)
        await expect(index).to_contain_text("AQI 181")
        await expect(index).to_contain_text("首要污染物：PM10")
        if viewport == PHONE:
            await index.scroll_into_view_if_needed()
            await desk.keep_picture("air-index-phone")

        await page.locator('[name="PM10_24h"]').fill("很高")
        await expect(index).to_contain_text("请填写数字")
        await expect(index).not_to_contain_text("AQI")
        await index.get_by_role("link", name="PM10（24小时平均）").click()
        await expect(page.locator('[name="PM10_24h"]')).to_be_in_viewport()

        await page.locator('[name="PM10_24h"]').fill("150")
        await page.get_by_label("结束日期").fill("2026-02-28")
        await expect(index).to_contain_text("按 HJ 633-2012")
        await expect(index).to_contain_text("AQI 100")
        await page.get_by_label("时段").select_option("monthly")
        await expect(index).to_be_empty()
