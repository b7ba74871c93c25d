"""依申请公开 as a file: brought in, taken out and brought in again; and applicants whose words are erased."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from outreach.foundation import clock
from outreach.foundation.audit import AuditEvent
from outreach.people.model import Role
from tests.builders import OfficeStory
from tests.items.workbooks import workbook
from tests.statistics.registers.conftest import Keeper, browser, keeper, new_browser, server
from tests.statistics.requests.test_requests import ASKED, ON_SQLITE, cells, register, step
from tests.web.conftest import Browser, Page

__all__ = ["browser", "keeper", "new_browser", "server"]

HERE = "/statistics/requests"
HEAD = [
    *("收到日期", "收到方式", "申请人类型", "申请人姓名（名称）", "联系方式", "申请公开的内容"),
    *("答复日期", "办理结果", "答复文号", "依据和说明"),
]
ANSWERED = [
    *("2026-01-06", "信函", "自然人", "巴特尔", "集宁区某街", "某厂的监测数据"),
    *("2026-01-20", "（一）予以公开", "复〔2026〕1号", None),
]
OPEN = ["2026-03-02", "网络平台", "商业企业", "'=某公司", "0474-1234567", "某项目的环评批复", *[None] * 4]


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    with clock.at(datetime(2026, 3, 20, 10, tzinfo=clock.SHANGHAI), running=True):
        yield


async def bring(keeper: Keeper, *rows: list[str | None], **ticked: str) -> Page:
    return await keeper.bring_to(f"{HERE}/import", workbook(HEAD, *rows), "台账.xlsx", **ticked)


def faults(page: Page) -> list[tuple[str, ...]]:
    """The row, field and message of each fault."""
    return [
        tuple(html.unescape(cell) for cell in row)
        for row in re.findall(
            r'data-label="行"[^>]*>(\d+)<.*?data-label="栏目">([^<]*)<.*?data-label="怎样修改"[^>]*>([^<]*)<',
            page.text,
            re.S,
        )
    ]


async def test_a_ledger_comes_in_with_its_answers_and_again_changes_nothing(keeper: Keeper) -> None:
    assert "无误 2 行" in (await bring(keeper, ANSWERED, OPEN, dry_run="1")).text
    assert await cells(keeper, 2026) == {}
    page = await bring(keeper, ANSWERED, OPEN)
    assert "已登记 2 行" in page.text
    assert "巴特尔" not in page.text
    stands = {"new": 2, "granted": 1, "total_handled": 1, "carried_out": 1}
    assert await cells(keeper, 2026) == stands
    assert "已有，未改动 2 行" in (await bring(keeper, ANSWERED, OPEN)).text
    assert await cells(keeper, 2026) == stands
    listed = html.unescape((await keeper.browser.get(HERE)).text)
    answered, still_open = re.findall(r'href="(/statistics/requests/\w{26})">依申请〔2026〕([12])号', listed)[
        -1:-3:-1
    ]
    assert (answered[1], still_open[1]) == ("1", "2")
    page = await keeper.browser.get(answered[0])
    assert "复〔2026〕1号" in page.text
    assert "巴特尔" in page.text


@ON_SQLITE
async def test_what_is_wrong_in_a_row_is_told_at_its_field(keeper: Keeper) -> None:
    await bring(keeper, ANSWERED, OPEN)
    page = await bring(
        keeper,
        ["2026-02-30", *OPEN[1:]],
        [*OPEN[:5], None, *OPEN[6:]],
        [*OPEN[:6], "2026-03-10", None, None, None],
        [*ANSWERED[:6], "2026-01-05", *ANSWERED[7:]],
        [*ANSWERED[:7], "（六）其他处理：1.申请人无正当理由逾期不补正", None, None],
        ["2026-03-21", *OPEN[1:]],
        [*OPEN[:6], "2026-03-10", "（二）部分公开", None, None],
        [*ANSWERED[:7], "（二）部分公开", None, None],
        [*OPEN[:5], "机密★10年\n监测数据", *OPEN[6:]],
        ["2026-03-03", *OPEN[1:]],
    )
    told = faults(page)
    assert [(row, field) for row, field, _ in told] == [
        ("2", "收到日期"),
        ("3", "申请公开的内容"),
        ("4", "办理结果"),
        ("5", "答复日期"),
        ("6", "办理结果"),
        ("7", "收到日期"),
        ("8", "答复日期"),
        ("9", "答复日期"),
        ("10", "申请公开的内容"),
    ]
    assert told[2][2] == "已答复的，请填写；还没有答复的，请清空答复的各栏。"
    assert told[4][2].startswith("这种结果要先登记补正或者缴费")
    assert told[6][2].startswith("这一件已经登记为依申请〔2026〕2号，还没有登记答复。")
    assert told[7][2].startswith("这一件已经登记为依申请〔2026〕1号，已有另外的答复。")
    assert "密级标志" in told[8][2]
    assert "已登记 1 行" in page.text
    nothing = await bring(keeper, ["2026-03-04", *OPEN[1:]], ["2026-02-30", *OPEN[1:]], all_or_nothing="1")
    assert "全部没有登记" in nothing.text
    assert (await cells(keeper, 2026))["new"] == 3


@ON_SQLITE
async def test_a_complete_year_is_not_changed_by_a_file(keeper: Keeper) -> None:
    await keeper.browser.post(f"{HERE}/complete", year="2026")
    page = await bring(keeper, OPEN)
    assert page.status == 409
    assert "2026 年已标为登记完整" in page.text
    assert await cells(keeper, 2026) == {}


async def test_what_goes_out_comes_in_again_and_says_how_each_stands(keeper: Keeper) -> None:
    await bring(keeper, ANSWERED, OPEN)
    content = await keeper.download(f"{HERE}/export.xlsx?year=2026")
    rows = [list(row) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]
    assert rows[0] == [*HEAD, "编号", "状态", "答复期限", "登记人", "登记时间"]
    assert rows[1][0] == datetime(2026, 1, 6)
    assert rows[1][1:6] == ANSWERED[1:6]
    assert rows[1][7:13] == ["（一）予以公开", "复〔2026〕1号", None, "依申请〔2026〕1号", "已答复", ""]
    assert rows[2][3] == "'=某公司"  # harmless to whoever opens it
    assert rows[2][10:13] == ["依申请〔2026〕2号", "办理中", "2026-03-30"]
    again = await keeper.bring_to(f"{HERE}/import", content)
    assert "已有，未改动 2 行" in again.text
    async with keeper.office.db.read() as session:
        acts = [(one.act, one.detail) for one in await session.scalars(select(AuditEvent))]
    assert ("request.export", {"year": 2026, "count": 2}) in acts


@ON_SQLITE
async def test_the_template_is_what_an_import_takes(keeper: Keeper) -> None:
    template = load_workbook(io.BytesIO(await keeper.download(f"{HERE}/import/template.xlsx")))
    sheet = template["依申请公开"]
    assert [cell.value for cell in sheet[1]] == HEAD
    sheet.append([date(2026, 1, 6), *ANSWERED[1:6], date(2026, 1, 20), *ANSWERED[7:]])
    filled = io.BytesIO()
    template.save(filled)
    assert "已登记 1 行" in (await keeper.bring_to(f"{HERE}/import", filled.getvalue())).text


@ON_SQLITE
async def test_files_are_the_statistician_s(keeper: Keeper, story: OfficeStory, new_browser: Any) -> None:
    await story.person(Role.EDITOR)
    reader: Browser = new_browser()
    await reader.sign_in("editor")
    for path in ("import", "import/template.xlsx", "export.xlsx?year=2026"):
        assert (await reader.get(f"{HERE}/{path}")).status == 403
    assert (await reader.post(f"{HERE}/import")).status == 403


async def test_an_applicant_is_erased_and_what_is_counted_stays(keeper: Keeper) -> None:
    path = await register(keeper)
    version = {"version": "1", "sure": "1"}
    early = await keeper.browser.post(f"{path}/erase", version)
    assert early.status == 409
    assert "还没有答复" in early.text
    await step(keeper, path, "answer", "2026-01-20", result="granted")
    unsure = await keeper.browser.post(f"{path}/erase", version="2")
    assert "没有删除。请核对保存期" in unsure.text
    assert "巴特尔" in unsure.text
    stale = await keeper.browser.post(f"{path}/erase", version)
    assert stale.status == 409
    page = await keeper.browser.post(f"{path}/erase", {**version, "version": "2"})
    assert "申请人信息和申请内容已删除。" in page.text
    assert "申请人信息和申请内容已经删除。" in page.text
    assert "巴特尔" not in page.text
    assert await cells(keeper, 2026) == {"new": 1, "granted": 1, "total_handled": 1}
    for act in ("undo", "change"):
        refused = await keeper.browser.post(f"{path}/{act}", {**ASKED, "version": "3"})
        assert "申请人的信息已经删除" in refused.text
    exported = await keeper.download(f"{HERE}/export.xlsx?year=2026")
    assert faults(await keeper.bring_to(f"{HERE}/import", exported)) == [
        ("2", "申请人姓名（名称）", "这一件的申请人信息已经删除，不能导入。请删去这一行。")
    ]


@ON_SQLITE
async def test_nothing_of_an_erased_applicant_is_left_in_the_file(keeper: Keeper) -> None:
    path = await register(keeper)
    await step(keeper, path, "answer", "2026-01-20", result="granted")
    async with keeper.office.db.read() as session:
        sealed = await session.scalar(text("SELECT sealed FROM information_request"))
    files = list(Path(keeper.office.settings.home).glob("outreach.sqlite*"))
    assert any(sealed.encode() in file.read_bytes() for file in files)
    await keeper.browser.post(f"{path}/erase", version="2", sure="1")
    assert not any(sealed.encode() in file.read_bytes() for file in files if file.exists())
