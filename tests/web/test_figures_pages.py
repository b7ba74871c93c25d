"""统计: closing, the year, imported figures, and what is taken out of the service as files."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from io import BytesIO

import docx
import openpyxl
import pytest
import xlsxwriter
from aiohttp import FormData
from docx.oxml.ns import qn

from outreach.foundation import clock
from outreach.foundation.audit import COMMAND_LINE
from outreach.items.model import Origin
from outreach.office.confirm_post import remove_post
from outreach.people.model import Role
from outreach.publishing.model import Post
from outreach.statistics.service import ImportedRow, import_figures
from tests.builders import OfficeStory, claim, publish
from tests.servers import Server, Sqlite
from tests.web.conftest import Browser

OCTOBER = datetime(2026, 10, 20, 4, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 2, 1, tzinfo=UTC)


@pytest.fixture
def database_server(sqlite: Sqlite) -> Server:
    """Pages and files are the same on both databases."""
    return sqlite


@pytest.fixture
async def reader(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.STATISTICIAN)
    await browser.sign_in("statistician")
    return browser


def words(page: str) -> str:
    """What the page says, one blank between its pieces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


async def saved(reader: Browser, path: str) -> bytes:
    async with reader.client.get(path) as response:
        assert response.status == 200
        return await response.read()


async def sent(reader: Browser, name: str, content: bytes) -> tuple[int, str]:
    """The answer to a file of figures, in words."""
    form = FormData()
    form.add_field("csrf_token", reader.csrf_token)
    form.add_field("file", content, filename=name)
    async with reader.client.post("/statistics/imported/file", data=form) as response:
        return response.status, words(await response.text())


async def test_the_pages_lead_to_each_other_and_to_none_that_is_not_there(reader: Browser) -> None:
    page = await reader.get("/statistics/year")
    inside = page.text.partition('aria-label="统计的页面"')[2].partition("</nav>")[0]
    paths = re.findall(r'href="([^"]+)"', inside)
    assert {"/statistics", "/statistics/year", "/statistics/rules"} <= set(paths)
    assert re.findall(r'href="([^"]+)" aria-current="page"', inside) == ["/statistics/year"]
    assert {(await reader.get(path)).status for path in paths} == {200}
    assert "统计的页面" not in (await reader.get("/posts")).text


async def test_a_month_is_closed_knowingly_and_shows_what_came_later(
    story: OfficeStory, reader: Browser
) -> None:
    first = await story.item("penalty").published(at=OCTOBER)
    with clock.at(OCTOBER):
        late = await story.post(await story.item("event").planned())
        under_way = (await claim(story.office, late.id)).id
    with clock.at(NOVEMBER):
        asked = await reader.get("/statistics/close?month=2026-10")
        assert "结账不能取消" in asked.text
        assert f'href="/posts/{under_way}"' in asked.text
        closed = await reader.post("/statistics/close", month="2026-10")
    assert "statistician于 2026年11月2日 09:00 结账" in words(closed.text)

    await publish(story.office, late.id, at=OCTOBER)
    early = await story.post(first)
    async with story.office.db.begin() as session:
        gone = await session.get_one(Post, early.id)
        await remove_post(session, gone, "平台删除。", story.office.settings.zone)
    page = await reader.get("/statistics?month=2026-10")
    told = words(page.text)
    assert "计入变动后：发布件数：原创 2；发布件数：转载 0；其中已撤回 1；内容数：原创 2" in told
    assert "结账后撤回" in told
    assert f'href="/posts/{early.id}"' in page.text
    behind = await reader.get("/statistics/posts?month=2026-10&closed=1&origin=original")
    assert '<b id="number">1</b>' in behind.text
    assert "不一致" not in behind.text
    other = await reader.get("/statistics/posts?month=2026-09&closed=1")  # which is not closed
    assert "结账时" not in other.text

    again = await reader.post("/statistics/close", month="2026-10")
    assert (again.status, "已由statistician结账" in again.text) == (409, True)
    assert 'href="/statistics/close' not in page.text


async def test_only_the_statistician_closes(story: OfficeStory, browser: Browser) -> None:
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    assert (await browser.get("/statistics/close?month=2026-01")).status == 403
    assert (await browser.post("/statistics/close", month="2026-01")).status == 403
    assert (await browser.post("/statistics/imported", period="2020", original="1")).status == 403


async def test_a_year_has_its_months_and_names_what_contradicts(story: OfficeStory, reader: Browser) -> None:
    await story.item("penalty").published(*(await story.accounts())[:2], at=OCTOBER)
    rows = [ImportedRow(f"2026-{month:02}", None, None, Origin.ORIGINAL, 10) for month in range(1, 10)]
    async with story.office.db.begin() as session:
        whole = ImportedRow("2026", None, None, Origin.ORIGINAL, 100)
        await import_figures(session, COMMAND_LINE, [*rows, whole], "公众号后台")
    page = await reader.get("/statistics/year?year=2026")
    told = words(page.text)
    assert "发布件数：原创 92 —" in told
    assert "2026年全年导入的原创件数为 100，各月之和为 92，相差 8。" in told
    assert "导入的数字来自：公众号后台" in told
    assert "/statistics/posts?month=2026-10&amp;channel=weibo&amp;origin=original" in page.text
    month = words((await reader.get("/statistics?month=2026-09")).text)
    assert "不分渠道 不分类别 原创 10 导入 公众号后台" in month
    wrong = await reader.get("/statistics/year?year=26")
    assert (wrong.status, "“26”不是年份" in wrong.text) == (422, True)
    empty = await reader.get("/statistics/year?year=2011")
    assert empty.status == 200


async def test_figures_are_typed_and_what_is_wrong_is_told_at_its_field(reader: Browser) -> None:
    await reader.get("/statistics/imported")
    typed = {"period": "2020-13", "channel": "", "kind": "", "original": "-5", "repost": "十", "source": ""}
    page = await reader.post("/statistics/imported", typed)
    told = words(page.text)
    assert page.status == 422
    for message in ("“2020-13”不是月份", "“-5”不是件数", "“十”不是件数", "请写明数字的来源"):
        assert message in told
    assert 'value="2020-13"' in page.text
    good = {**typed, "period": "2020年10月", "original": "83", "repost": "4", "source": "2020年度报告"}
    page = await reader.post("/statistics/imported", good)
    assert "2020年10月 不分渠道 不分类别 原创 83 2020年度报告 statistician" in words(page.text)
    row = {"period": "2020-10", "channel": "", "kind": "", "origin": "repost"}
    page = await reader.post("/statistics/imported/remove", row)
    assert "不分类别 转载" not in words(page.text)


async def test_a_file_of_figures_is_told_cell_by_cell_and_taken_whole_or_not_at_all(reader: Browser) -> None:
    await reader.get("/statistics/imported")
    status, told = await sent(reader, "figures.xlsx", book_of_figures(titled=True))
    assert (status, "第 1 行“历史数字”不是列名，列名在第 2 行" in told) == (422, True)
    status, told = await sent(reader, "figures.xlsx", book_of_figures(wrong=True))
    assert status == 422
    assert "第 4 行 月份或年份 与工作表“Sheet1”第 2 行是同一项" in told
    assert "第 5 行 原创 这一格与 D5:E5 合并在一起" in told
    assert "第 6 行 渠道 没有“广播”这种渠道" in told
    assert "还没有导入" in told
    status, told = await sent(reader, "figures.xlsx", book_of_figures())
    assert status == 200
    assert "2020年10月 微信公众号 不分类别 原创 41" in told
    assert "2020年 不分渠道 行政处罚 转载 7" in told
    status, told = await sent(reader, "figures.csv", "月份,原创,来源\n2020/11,12,后台\n".encode("gb18030"))
    assert (status, "2020年11月 不分渠道 不分类别 原创 12 后台" in told) == (200, True)


def book_of_figures(*, titled: bool = False, wrong: bool = False) -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    first = 0
    if titled:
        sheet.write_row(0, 0, ["历史数字"])
        first = 1
    sheet.write_row(first, 0, ["月份或年份", "渠道", "类别", "原创", "转载", "来源"])
    as_date = book.add_format({"num_format": "yyyy-mm"})
    sheet.write_datetime(first + 1, 0, datetime(2020, 10, 1), as_date)
    sheet.write_row(first + 1, 1, ["微信公众号", "", 41, 2, "后台"])
    sheet.write_row(first + 2, 0, [2020, "", "行政处罚", 30, 7, "2020年度报告"])
    if wrong:
        sheet.write_row(3, 0, ["2020-10", "微信公众号", "", 41, "", "后台"])
        sheet.write_row(4, 0, ["2020-12", "", "", "", "", "后台"])
        sheet.merge_range("D5:E5", 5)
        sheet.write_row(5, 0, ["2020-11", "广播", "", 1, "", "后台"])
    book.close()
    return target.getvalue()


async def test_workbooks_add_up_and_hold_their_sums(story: OfficeStory, reader: Browser) -> None:
    await story.item("penalty").published(*(await story.accounts())[:2], at=OCTOBER)
    repost = {"origin": "repost", "repost_source": "新华社", "title": "转载的一条活动预告"}
    await story.item("event", **repost).published(at=OCTOBER)
    content = await saved(reader, "/statistics/monthly.xlsx?month=2026-10")
    values = openpyxl.load_workbook(BytesIO(content), data_only=True)
    formulas = openpyxl.load_workbook(BytesIO(content))
    assert values.sheetnames[:5] == ["明细", "按渠道", "按账号", "按类别", "按科室"]
    assert values.sheetnames[-1] == "口径"
    details = values["明细"]
    total = next(row for row in details.iter_rows() if row[0].value == "合计：发布件数")
    assert [cell.value for cell in total[4:7]] == [2, 1, 0]
    assert formulas["明细"][total[4].coordinate].value == f"=SUM(E4:E{total[4].row - 1})"
    assert details.page_setup.orientation == "landscape"
    assert details.print_title_rows == "$3:$3"

    content = await saved(reader, "/statistics/yearly.xlsx?year=2026")
    months = openpyxl.load_workbook(BytesIO(content), data_only=True)["各月"]
    october = [cell.value for cell in months[13]]
    assert october == ["2026年10月", 1, 1, 1, 0, 2, 1, 0, 1, 1, "本系统", None]
    assert [cell.value for cell in months[16]][:7] == ["全年", 1, 1, 1, 0, 2, 1]
    lines = (await saved(reader, "/statistics/yearly.csv?year=2026")).decode("utf-8-sig").splitlines()
    assert lines[-1].startswith("全年,1,1,1,0,2,1,0,1,1,本系统")


async def test_the_bulletin_has_the_months_figures_and_the_fonts_of_an_official_document(
    story: OfficeStory, reader: Browser
) -> None:
    await story.item("penalty").published(*(await story.accounts())[:2], at=OCTOBER)
    content = await saved(reader, "/statistics/monthly.docx?month=2026-10")
    document = docx.Document(BytesIO(content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "政务公开发布统计月报\n（2026年10月）\n一、总体情况" in text
    assert "2026年10月共发布 2 件，其中原创 2 件、转载 0 件，涉及信息 1 条" in text
    totals = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert totals[1] == ["发布件数：原创", "2", "—", "", "—", ""]
    assert len(document.inline_shapes) == 1
    fonts = {fonts.get(qn("w:eastAsia")) for fonts in document.element.iter(qn("w:rFonts"))}
    assert fonts >= {"方正小标宋简体", "黑体", "仿宋_GB2312"}


async def test_the_posts_behind_a_figure_can_be_taken_along(story: OfficeStory, reader: Browser) -> None:
    item = await story.item("penalty", title="关于某公司的行政处罚决定").published(at=OCTOBER)
    table = (await saved(reader, "/statistics/posts.csv?month=2026-10&kind=penalty")).decode("utf-8-sig")
    assert table.splitlines()[1].startswith("1,关于某公司的行政处罚决定,微信公众号,")
    assert (await story.post(item)).id in table
    wrong = await reader.get("/statistics/posts?month=abc")
    assert (wrong.status, "“abc”不是月份，也不是年份" in wrong.text) == (422, True)
    await story.section("别的科室")
    await story.person(Role.STATISTICIAN, name="外人", sections=["别的科室"])
    await reader.sign_in("外人")
    assert '<b id="number">0</b>' in (await reader.get("/statistics/posts?month=2026-10")).text
