"""导入: a file comes in through the browser, and the page tells what became of each row."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from sqlalchemy import func, select

from outreach.items.model import Item
from outreach.office.context import Office
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.items import builders as samples
from tests.items import workbooks
from tests.web.conftest import Browser, Page


def row(kind: str, source_id: str, **changes: Any) -> dict[str, Any]:
    return samples.item(kind, **{"source_id": source_id, "attachments": [], **changes})


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in rows).encode()


async def send(browser: Browser, content: bytes | None, name: str = "items.jsonl", *ticked: str) -> Page:
    """What the page's form sends: the file, or the empty field of a browser where none was chosen."""
    form = FormData({"csrf_token": browser.csrf_token, **dict.fromkeys(ticked, "1")})
    form.add_field(
        "file",
        BytesIO(content or b""),
        filename=name if content is not None else "",
        content_type="application/octet-stream",
    )
    response = await browser.client.post("/items/import", data=form)
    return Page(response.status, await response.text(), response.url.path_qs, dict(response.headers))


async def count(office: Office) -> int:
    async with office.db.read() as session:
        return (await session.execute(select(func.count(Item.id)))).scalar_one()


@pytest.fixture
async def editor(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.EDITOR)
    for kind in ("penalty", "event"):
        await story.section(row(kind, "any")["section"])
    await browser.sign_in("editor")
    await browser.get("/items/import")
    return browser


async def test_good_rows_become_drafts_that_the_report_leads_to(office: Office, editor: Browser) -> None:
    page = await send(editor, lines(row("penalty", "p-1"), row("event", "e-1", attachments=["日程.pdf"])))
    assert page.status == 200
    assert "已全部导入为草稿。" in page.text
    assert "已导入 2 条" in page.text
    assert "附件“日程.pdf”未随文件一起导入" in page.text
    assert await count(office) == 2
    async with office.db.read() as session:
        for item in (await session.scalars(select(Item))).unique():
            assert f'<a href="/items/{item.id}">{item.title}</a>' in page.text


async def test_wrong_rows_are_told_by_row_and_field_and_the_others_come_in(
    office: Office, editor: Browser
) -> None:
    wrong = row("penalty", "p-2", title="", fields={"amount_yuan": "很多"})
    page = await send(editor, lines(row("penalty", "p-1"), wrong))
    assert page.status == 200
    assert "已导入 1 条；有误，未导入 1 条" in page.text
    faults = page.text.partition("需要修改</h3>")[2].partition("</table>")[0]
    cells = re.findall(r'data-label="(行|来源编号|字段)"[^>]*>([^<]*)<', faults)
    assert ("行", "2") in cells
    assert ("来源编号", "p-2") in cells
    labels = {text for name, text in cells if name == "字段"}
    assert "标题" in labels
    assert all(re.search(r"[一-鿿]", label) for label in labels)
    assert "amount_yuan" not in faults
    assert await count(office) == 1


async def test_a_trial_keeps_nothing_and_says_so(office: Office, editor: Browser) -> None:
    page = await send(editor, lines(row("penalty", "p-1")), "items.jsonl", "dry_run")
    assert "只做了检查，没有保存。" in page.text
    assert "无误 1 条" in page.text
    assert re.search(r'name="dry_run" value="1" checked', page.text)
    assert await count(office) == 0


async def test_all_or_nothing_keeps_nothing_where_a_row_is_wrong(office: Office, editor: Browser) -> None:
    content = lines(row("penalty", "p-1"), row("penalty", "p-2", title=""))
    page = await send(editor, content, "items.jsonl", "all_or_nothing")
    assert "全部没有导入。" in page.text
    assert await count(office) == 0


async def test_the_same_file_again_changes_nothing(office: Office, editor: Browser) -> None:
    content = lines(row("penalty", "p-1"))
    await send(editor, content)
    page = await send(editor, content)
    assert "没有新的信息。" in page.text
    assert "已有，未改动 1 条" in page.text
    assert await count(office) == 1


async def test_a_table_comes_in_as_well(office: Office, editor: Browser) -> None:
    one = row("penalty", "p-1")
    head = "来源编号,类别,标题,科室,来源方式,形成日期,正文"
    cells = ["p-1", "行政处罚", one["title"], one["section"], "原创", one["formed_on"], "内容"]
    page = await send(editor, f"{head}\n{','.join(cells)}\n".encode("gb18030"), "items.csv")
    assert page.status == 200
    assert "items.csv" in page.text
    assert ">来源编号</th>" in page.text


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (None, "", "请选择要导入的文件。"),
        (b"PK\x03\x04 no workbook", "items.xlsx", "不是可以读取的 Excel 工作簿"),
        (b" ", "items.jsonl", "文件里没有信息"),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_at_the_field(
    office: Office, editor: Browser, content: bytes | None, name: str, told: str
) -> None:
    page = await send(editor, content, name, "all_or_nothing")
    assert page.status == 422
    assert told in page.text.partition('id="error-file"')[2].partition("</div>")[0]
    assert re.search(r'name="all_or_nothing" value="1" checked', page.text)
    assert await count(office) == 0


async def test_a_classification_mark_does_not_come_in(office: Office, editor: Browser) -> None:
    page = await send(editor, lines(row("penalty", "p-1", body="机密★10年\n内容")))
    assert "没有导入，请修改后再导入。" in page.text
    assert await count(office) == 0


def many(number: int) -> bytes:
    return lines(*(row("penalty", f"p-{place}") for place in range(number)))


async def begin(browser: Browser, content: bytes) -> ClientResponse:
    """An import whose page is not read to its end yet."""
    form = FormData({"csrf_token": browser.csrf_token})
    form.add_field("file", BytesIO(content), filename="items.jsonl", content_type="application/octet-stream")
    return await browser.client.post("/items/import", data=form)


async def test_a_long_import_shows_how_far_it_is_and_keeps_nobody_waiting(editor: Browser) -> None:
    growing = await begin(editor, many(1000))
    await growing.content.readuntil("已处理 200／1000 行".encode())
    assert (await editor.client.get("/queue")).status == 200
    rest = (await growing.read()).decode()
    steps = re.findall(r"已处理 (\d+)／1000 行", rest)
    assert steps == ["400", "600", "800", "1000"]
    assert rest.index("导入完毕") < rest.index("已全部导入为草稿。") < rest.index("</html>")


async def test_who_leaves_the_page_stops_the_import_and_the_same_file_goes_on_with_it(
    office: Office, editor: Browser
) -> None:
    growing = await begin(editor, many(2000))
    await growing.content.readuntil("已处理 200／2000 行".encode())
    growing.close()
    page = await send(editor, many(2000))
    created, unchanged = re.findall(r"(?:已导入|已有，未改动) (\d+) 条", page.text)[:2]
    assert int(created) > 0
    assert int(unchanged) >= 200
    assert await count(office) == 2000


async def test_of_a_long_report_the_page_shows_the_beginning(editor: Browser) -> None:
    wrong = [row("penalty", f"p-{place}", title="") for place in range(300)]
    page = await send(editor, lines(*wrong))
    assert page.text.count(">必填，请填写。<") == 200
    assert "还有 100 处需要修改的没有列出。" in page.text


async def test_a_workbook_is_told_of_by_its_sheets(editor: Browser) -> None:
    page = await send(editor, workbooks.event(主题="#N/A"), "活动.xlsx")
    faults = page.text.partition("需要修改</h3>")[2].partition("</table>")[0]
    assert re.search(r'data-label="行">\s*2<div[^>]*>信息</div>', faults)


async def test_only_editors_import(office: Office, story: OfficeStory, browser: Browser) -> None:
    await story.person(Role.PUBLISHER)
    await browser.sign_in("publisher")
    page = await browser.get("/items/import")
    assert page.status == 403
    assert "信息编辑" in page.text
    assert (await send(browser, lines(row("penalty", "p-1")))).status == 403
    assert await count(office) == 0


async def test_a_file_without_the_sessions_token_is_refused(office: Office, editor: Browser) -> None:
    editor.csrf_token = "another"
    assert (await send(editor, lines(row("penalty", "p-1")))).status == 403
    assert await count(office) == 0
