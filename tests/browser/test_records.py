"""The reviewer's desk: an item is referred, answered and approved; its form is printed, its record filed."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, sits_down
from tests.processes import Installation

DEPARTMENT: Final = "市保密行政管理部门"
TITLE: Final = "环保设施向公众开放：走进集宁区污水处理厂"


async def test_a_reviewer_refers_notes_the_answer_prints_and_files(
    chromium: Browser, demo: Installation, tmp_path: Path
) -> None:
    async with sits_down(chromium, demo, "confidentiality_reviewer") as desk:
        page = desk.page
        await page.get_by_role("link", name=TITLE).click()
        await page.get_by_text("不能确定是否可以公开时，报请有关部门").click()
        await page.get_by_label("报请的部门").fill(DEPARTMENT)
        await page.get_by_label("事由").fill("是否属于工作秘密，不能自行确定。")
        await page.get_by_role("button", name="报请确定").click()
        await expect(page.get_by_text("已等 0 天")).to_be_visible()
        await desk.open("/queue")
        await expect(page.get_by_text(f"已报请确定（向{DEPARTMENT}")).to_be_visible()

        await page.get_by_role("link", name=TITLE).click()
        await page.get_by_label("答复内容").fill("不属于工作秘密。")
        await page.get_by_role("button", name="记录答复").click()
        await page.get_by_label("第 1 处疑点的理由").fill("本科室公务手机，对外公布")
        await page.get_by_role("button", name="误报").click()
        await _fill_in_the_form(page)
        await desk.keep_picture("review-form", whole=True)
        await page.set_viewport_size(DESKTOP)
        await page.get_by_role("button", name="同意").click()
        await expect(page.get_by_text("您的决定已记录")).to_be_visible()

        await desk.open("/records")
        await desk.keep_picture("records")
        await page.get_by_label("标题").fill(TITLE)
        await page.get_by_role("button", name="筛选").click()
        await page.get_by_role("link", name=re.compile("审〔")).click()
        await expect(page.get_by_text("国家秘密：□是　☑否")).to_be_visible()
        await desk.keep_picture("record")
        await expect(page.get_by_text("答复：不属于工作秘密。")).to_be_visible()
        await _is_one_sheet_of_paper(page, tmp_path)
        await desk.open(f"/records?text={TITLE}")
        await page.get_by_role("link", name="备案").click()
        await _takes_the_package(page, tmp_path)


async def test_the_pages_of_records_fit_a_phone(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "confidentiality_reviewer", PHONE) as desk:
        page = await desk.open("/records")
        await _fits(page)
        await page.locator("table.register a").first.click()
        await _fits(page)


async def _fill_in_the_form(page: Page) -> None:
    await page.get_by_text("审查表内容（可不填）").click()
    for question in ("国家秘密", "工作秘密", "商业秘密", "个人隐私", "内部或过程性信息"):
        await page.get_by_role("group", name=question).get_by_label("否").check()
    await page.get_by_label("公开属性").select_option("主动公开")


async def _is_one_sheet_of_paper(page: Page, folder: Path) -> None:
    """On paper stands the form alone, on one sheet of A4."""
    path = folder / "form.pdf"
    await page.pdf(path=path, prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", path.read_bytes())) == 1
    assert re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", path.read_bytes()) == [(b"594", b"841")]
    await page.emulate_media(media="print")
    await expect(page.get_by_role("navigation")).to_have_count(0)
    await expect(page.get_by_role("button", name="打印")).to_be_hidden()
    await page.emulate_media(media="screen")


async def _takes_the_package(page: Page, folder: Path) -> None:
    await page.get_by_role("button", name="打包备案").click()
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="下载备案包").click()
    path = folder / "package.zip"
    await (await coming.value).save_as(path)
    with zipfile.ZipFile(path) as package:
        lines = package.read("SHA256SUMS").decode().splitlines()
        sums = [line.split("  ") for line in lines]
        assert all(hashlib.sha256(package.read(name)).hexdigest() == digest for digest, name in sums)
        assert sum(name.endswith("审查表.docx") for _, name in sums) == 1


async def _fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
