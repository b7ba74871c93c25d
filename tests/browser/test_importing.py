"""A long import in front of a browser: it is seen to go on, stopped, and gone on with."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.conftest import sits_down
from tests.items.builders import item as sample
from tests.processes import Installation

ROWS = 4000


async def test_a_long_import_is_seen_stopped_and_gone_on_with(
    chromium: Browser, demo: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "many.jsonl"
    rows = [sample("penalty", source_id=f"many-{number}", attachments=[]) for number in range(ROWS)]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))

    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/import")
        await page.get_by_label("文件").set_input_files(path)
        await page.get_by_role("button", name="导入").click()
        shown = page.locator(".import-step:visible").last
        await expect(shown).to_contain_text(re.compile(rf"正在导入：已处理 [1-9]\d+／{ROWS} 行"))
        await page.get_by_role("link", name="停止").click()
        await expect(page.locator(".import-step")).to_have_count(0)

        await page.get_by_label("文件").set_input_files(path)
        await page.get_by_role("button", name="导入").click()
        report = page.get_by_role("region", name="结果")
        await expect(report).to_contain_text(
            re.compile(r"已导入 \d+ 条；已有，未改动 \d+ 条"), timeout=60_000
        )
        await expect(page.locator(".import-step:visible")).to_have_text(
            re.compile(rf"导入完毕：已处理 {ROWS}／{ROWS} 行")
        )


async def test_what_is_downloaded_from_the_list_is_taken_by_the_import(
    chromium: Browser, demo: Installation, tmp_path: Path
) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items?kind=event")
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="导出").click()
        download = await downloading.value
        assert re.fullmatch(r"信息-\d{4}-\d{2}-\d{2}\.xlsx", download.suggested_filename)
        await download.save_as(tmp_path / "events.xlsx")

        await desk.open("/items/import")
        await page.get_by_label("文件").set_input_files(tmp_path / "events.xlsx")
        await page.get_by_role("button", name="导入").click()
        await expect(page.get_by_text("没有新的信息。")).to_be_visible()
