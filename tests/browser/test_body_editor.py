"""The body without any knowledge of Markdown: buttons, the keyboard, and tables that were copied elsewhere."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, sits_down
from tests.processes import Installation

EXCEL = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td {color:black}</style></head>
<body><!--StartFragment--><table>
<tr style='height:15.0pt'><td colspan="2" style="width:54pt">点位|编号</td><td>浓度</td></tr>
<tr><td rowspan="2">城区</td><td>A*1</td><td>119</td></tr>
<tr><td>B_2</td><td>1<br>20</td></tr>
</table><!--EndFragment--></body></html>"""

WORD = """<html><head><style>p {margin:0}</style></head><body><p class=MsoNormal>附表如下。</p><div>
<table class=MsoTableGrid><tr><td><p>企业</p></td><td><p>罚款</p></td></tr>
<tr><td><p>示范化工</p></td><td><p>5万元</p></td></tr></table></div><p>以上。</p></body></html>"""


async def paste(body: Locator, html: str) -> None:
    """What Ctrl+V does after a copy elsewhere."""
    await body.evaluate(
        """(field, html) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/html", html);
            clipboardData.setData("text/plain", "as text");
            field.focus();
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        html,
    )


def body_of(page: Page) -> Locator:
    return page.get_by_label("正文", exact=True)


def article_of(page: Page) -> FrameLocator:
    return page.frame_locator("#typed-article iframe:last-child")


async def test_buttons_write_the_marks(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=event")
        body, article = body_of(page), article_of(page)
        await body.fill("一、 总体要求：各单位\n第二行")
        await body.evaluate("field => field.setSelectionRange(6, 6)")
        await page.get_by_role("button", name="小标题").click()
        await expect(body).to_have_value("## 一、 总体要求：各单位\n第二行")
        await page.get_by_role("button", name="小标题").click()
        await expect(body).to_have_value("一、 总体要求：各单位\n第二行")
        await body.evaluate("field => field.setSelectionRange(3, 8)")
        await page.get_by_role("button", name="粗体").click()
        await expect(body).to_have_value("一、 **总体要求：**各单位\n第二行")
        await expect(article.locator("strong", has_text="总体要求：")).to_be_visible()

        await body.press("Control+End")
        await page.get_by_role("button", name="列表").click()
        await page.get_by_role("button", name="链接").click()
        await page.keyboard.type("https://www.mee.gov.cn/")
        await expect(article.get_by_role("listitem").first).to_be_visible()
        await body.press("Control+End")
        await page.get_by_role("button", name="表格").click()
        await expect(article.get_by_role("columnheader", name="项目")).to_be_visible()
        await body.press("Control+z")
        await expect(article.get_by_role("columnheader", name="项目")).to_have_count(0)


async def test_the_buttons_work_by_keyboard_and_tab_leaves_the_text(
    chromium: Browser, demo: Installation
) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=event")
        body = body_of(page)
        await page.get_by_role("toolbar", name="正文排版").focus()
        await expect(page.get_by_role("button", name="小标题")).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await expect(body).to_have_value("**文字**")
        await page.keyboard.type("要点")
        await expect(body).to_have_value("**要点**")
        await page.keyboard.press("Tab")
        await expect(body).not_to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await expect(body).to_have_value("**要点**\n\n| 项目 | 内容 |\n| --- | --- |\n|  |  |\n")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_copied_table_is_pasted_as_a_table(
    chromium: Browser, demo: Installation, viewport: dict[str, int]
) -> None:
    async with sits_down(chromium, demo, "editor", viewport) as desk:
        page = await desk.open("/items/new?kind=event")
        body, article = body_of(page), article_of(page)
        await page.get_by_label("标题", exact=True).fill("监测结果公示")
        await body.fill("监测结果：")
        await body.press("Control+End")
        await paste(body, EXCEL)
        await expect(page.get_by_text("合并的单元格已拆开")).to_be_visible()
        table = article.get_by_role("table")
        await expect(table.get_by_role("columnheader")).to_have_text(["点位|编号", "", "浓度"])
        await expect(table.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(["城区", "A*1", "119"])
        await expect(table.get_by_role("row").nth(2).get_by_role("cell")).to_have_text(["", "B_2", "1 20"])

        await body.fill("")
        await paste(body, WORD)
        await expect(body).to_have_value(
            "附表如下。\n\n| 企业 | 罚款 |\n| --- | --- |\n| 示范化工 | 5万元 |\n\n以上。\n"
        )
        await expect(article.get_by_role("cell", name="5万元")).to_be_visible()
        await page.locator("#heading-body").evaluate("one => one.scrollIntoView({ behavior: 'instant' })")
        await desk.keep_picture("item-form" if viewport == DESKTOP else "item-form-phone")


async def test_other_text_is_pasted_by_the_browser(chromium: Browser, demo: Installation) -> None:
    async with sits_down(chromium, demo, "editor") as desk:
        page = await desk.open("/items/new?kind=event")
        body = body_of(page)
        await paste(body, "<p><b>一段文字</b></p>")
        await paste(body, "<table><tr><td>一格</td></tr></table>")
        await expect(body).to_have_value("")
