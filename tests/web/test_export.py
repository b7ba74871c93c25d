"""Items leave as a workbook and come back as the same; the template is filled in and comes in."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select, update

from outreach.foundation.audit import AuditEvent
from outreach.items.importing import read_file
from outreach.items.model import Item, ItemState
from outreach.items.service import as_typed
from outreach.office.context import open_office
from outreach.office.import_items import RowOutcome, import_items
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.items.builders import SAMPLES, without_nulls
from tests.items.builders import item as sample
from tests.servers import Sqlite
from tests.web.conftest import Browser
from tests.web.test_import_page import send

EXPORT = "/items/export.xlsx"
TEMPLATE = "/items/import/template.xlsx"


async def download(browser: Browser, path: str) -> bytes:
    """The workbook at that address."""
    response = await browser.client.get(path)
    assert response.status == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E4%BF%A1")
    return await response.read()


def titles(content: bytes) -> list[str]:
    return [str((row.raw or {})["title"]) for row in read_file("items.xlsx", content)]


@pytest.fixture
async def editor(story: OfficeStory, browser: Browser) -> Browser:
    await story.person(Role.EDITOR)
    await browser.sign_in("editor")
    await browser.get("/items/import")
    return browser


async def take_samples_in(story: OfficeStory) -> None:
    for name in dict.fromkeys(one["section"] for one in SAMPLES):
        await story.section(name)
    text = "\n".join(json.dumps(one, ensure_ascii=False) for one in SAMPLES)
    report = await import_items(story.office, "a.jsonl", text.encode(), by=await story.person(Role.EDITOR))
    assert report.count(RowOutcome.CREATED) == len(SAMPLES)


async def all_items(story: OfficeStory) -> dict[str | None, dict[str, Any]]:
    """What every item says, by its number."""
    async with story.office.db.read() as session:
        found = (await session.scalars(select(Item))).unique()
        return {item.source_id: without_nulls(as_typed(item)) for item in found}


async def test_what_was_exported_changes_nothing_here_and_is_the_same_elsewhere(
    story: OfficeStory, editor: Browser, sqlite: Sqlite, tmp_path: Path
) -> None:
    await take_samples_in(story)
    content = await download(editor, EXPORT)

    page = await send(editor, content, "信息.xlsx")
    assert f"已有，未改动 {len(SAMPLES)} 条" in page.text

    (tmp_path / "elsewhere").mkdir()
    async with sqlite.migrated(tmp_path / "elsewhere") as url:
        office = open_office(settings_for(tmp_path / "elsewhere", url))
        elsewhere = OfficeStory(office)
        for name in dict.fromkeys(one["section"] for one in SAMPLES):
            await elsewhere.section(name)
        report = await import_items(office, "信息.xlsx", content, by=None)
        assert report.count(RowOutcome.CREATED) == len(SAMPLES)
        assert await all_items(elsewhere) == await all_items(story)
        await office.close()


async def test_the_export_holds_what_the_list_shows(story: OfficeStory, editor: Browser) -> None:
    await story.item("penalty", title="处罚甲")
    await story.item("event", title="活动乙")
    await story.item("event", title="活动丙")

    assert sorted(titles(await download(editor, EXPORT))) == sorted(["处罚甲", "活动丙", "活动乙"])
    assert titles(await download(editor, f"{EXPORT}?kind=event")) == ["活动丙", "活动乙"]
    assert titles(await download(editor, f"{EXPORT}?text=甲")) == ["处罚甲"]
    assert f'href="{EXPORT}?text=&amp;kind=event' in (await editor.get("/items?kind=event")).text


async def test_an_export_of_many_is_read_in_pieces_and_whole(story: OfficeStory, editor: Browser) -> None:
    rows = [sample("penalty", source_id=f"p-{number}", attachments=["批复.pdf"]) for number in range(1100)]
    await story.section(rows[0]["section"])
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    await import_items(story.office, "a.jsonl", text.encode(), by=None)

    exported = [row.content for row in read_file("a.xlsx", await download(editor, EXPORT))]
    assert [one and one.source_id for one in exported] == [row["source_id"] for row in reversed(rows)]
    assert all(one and one.attachments == ["批复.pdf"] for one in exported)


async def test_nobody_takes_out_what_belongs_to_another_section(
    story: OfficeStory, new_browser: Callable[[], Browser]
) -> None:
    mine = await story.item("penalty")
    await story.item("event", title="别的科室的活动")
    await story.person(Role.AUDITOR, name="一科", sections=[mine.section.name])
    browser = new_browser()
    await browser.sign_in("一科")

    assert titles(await download(browser, EXPORT)) == [mine.title]


async def test_sealed_items_stay_here(story: OfficeStory, editor: Browser) -> None:
    item = await story.item("event")
    await story.item("penalty", title="处罚")
    async with story.office.db.begin() as session:
        await session.execute(update(Item).where(Item.id == item.id).values(state=ItemState.SEALED))

    assert titles(await download(editor, EXPORT)) == ["处罚"]
    page = await editor.get(f"{EXPORT}?kind=event")
    assert (page.status, "没有可以导出的信息" in page.text) == (404, True)


async def test_who_took_how_many_out_is_recorded(story: OfficeStory, editor: Browser) -> None:
    await story.item("event")
    await download(editor, EXPORT)

    async with story.office.db.read() as session:
        event = await session.scalar(select(AuditEvent).where(AuditEvent.act == "item.export"))
    assert event is not None
    assert (event.actor_name, event.detail) == ("editor", {"count": 1})


async def test_an_item_without_a_number_answers_to_its_id(story: OfficeStory, editor: Browser) -> None:
    item = await story.item("event")
    content = await download(editor, EXPORT)

    assert [(row.raw or {})["source_id"] for row in read_file("a.xlsx", content)] == [item.id]
    assert "已有，未改动 1 条" in (await send(editor, content, "a.xlsx")).text


async def test_a_correction_names_what_it_corrects_by_its_number(story: OfficeStory, editor: Browser) -> None:
    await story.accounts()
    await story.item("penalty", source_id="p-1").published()
    await story.item("penalty", source_id="p-2", corrects="p-1")

    [row] = read_file("a.xlsx", await download(editor, f"{EXPORT}?state=draft"))
    assert (row.raw or {})["corrects"] == "p-1"


async def test_the_template_is_filled_in_and_comes_in(story: OfficeStory, editor: Browser) -> None:
    await story.section("宣传教育科")
    book = openpyxl.load_workbook(BytesIO(await download(editor, TEMPLATE)))
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"] == [
        "环评公示", "行政处罚", "空气质量", "活动预告", "填写说明",
    ]  # fmt: skip
    sheet = book["活动预告"]
    cells = {
        "来源编号": "007", "类别": "活动预告", "标题": "开放日", "科室": "宣传教育科", "活动名称": "开放日",
        "开始时间": "2026-06-05", "活动地点": "监测站", "主办单位": "市局",
    }  # fmt: skip
    for head in sheet[1]:
        sheet.cell(2, head.column or 0).value = cells.get(str(head.value))
    filled = BytesIO()
    book.save(filled)

    page = await send(editor, filled.getvalue(), "信息导入模板.xlsx")
    assert "已导入 1 条" in page.text
    assert list(await all_items(story)) == ["007"]


async def test_an_empty_template_has_no_items(editor: Browser) -> None:
    page = await send(editor, await download(editor, TEMPLATE), "信息导入模板.xlsx")
    assert page.status == 422
    assert "文件里没有信息" in page.text


async def test_the_cells_of_the_template_have_drop_downs_and_checks(
    story: OfficeStory, editor: Browser
) -> None:
    await story.section("宣传教育科")
    book = openpyxl.load_workbook(BytesIO(await download(editor, TEMPLATE)))
    sheet = book["环评公示"]
    checks = {
        head: _check(sheet, head)
        for head in ("类别", "科室", "公示阶段", "环评文件类型", "受理日期", "总投资(万元)")
    }

    assert checks["类别"] == ("list", '"环评公示"')
    assert checks["科室"] == ("list", "选项!$A$1:$A$1")
    assert [cell.value for cell in book["选项"]["A"]] == ["宣传教育科"]
    assert checks["公示阶段"] == ("list", '"受理,拟审批,审批决定"')
    assert checks["环评文件类型"] == ("list", '"报告书,报告表"')
    assert checks["受理日期"][0] == "date"
    assert checks["总投资(万元)"] == ("decimal", "0")
    assert all(head.comment for head in sheet[1])


def _check(sheet: Worksheet, head: str) -> tuple[str | None, str | None]:
    """What the cells below `head` let through: the kind of check, and its first formula."""
    column = next(cell.column_letter for cell in sheet[1] if cell.value == head)
    for check in sheet.data_validations.dataValidation:
        if f"{column}2" in check.sqref:
            return check.type, check.formula1
    raise AssertionError(f"{head} has no check")


async def test_only_editors_get_the_template(story: OfficeStory, browser: Browser) -> None:
    await story.person(Role.PUBLISHER)
    await browser.sign_in("publisher")
    assert (await browser.get(TEMPLATE)).status == 403
