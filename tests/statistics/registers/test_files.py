"""A register as a file: brought in row by row, told what is wrong, taken out and brought in again."""

from __future__ import annotations

import html
import io
import re

import pytest
from openpyxl import load_workbook

from tests.items.workbooks import sheets, workbook
from tests.statistics.registers.conftest import Keeper

ON_SQLITE = pytest.mark.parametrize("database_server", ["sqlite"], indirect=True)
TOTALS = ["月份", "渠道", "收到（件）", "受理（件）", "不予受理（件）", "办结（件）"]


async def test_a_file_comes_in_row_by_row_and_again_changes_nothing(keeper: Keeper) -> None:
    head = ["采用日期", "媒体名称", "媒体级别", "标题", "链接"]
    good = ["2020-03-02", "中国环境报", "国家级", "'=1+1", "https://example.com/a"]
    content = workbook(
        head,
        good,
        ["2020-13-02", "某报", "国家级", "一", None],
        good,
        ["2020-03-04", "某报", "省部级", "二", None],
    )
    tried = await keeper.bring("adoptions", content, dry_run="1")
    assert "只做了检查，没有保存" in tried.text
    none = await keeper.bring("adoptions", content, all_or_nothing="1")
    assert "全部没有登记" in none.text
    assert (await keeper.figures(2020))["media.adopted"].value == 0
    page = await keeper.bring("adoptions", content)
    told = [
        tuple(html.unescape(cell) for cell in row)
        for row in re.findall(
            r'data-label="行"[^>]*>(\d+)<.*?data-label="栏目">([^<]*)<.*?data-label="怎样修改"[^>]*>([^<]*)<',
            page.text,
            re.S,
        )
    ]
    assert told == [
        ("3", "采用日期", "请填写真实的日期，例如 2026-03-01。"),
        ("4", "链接", "与工作表“信息”第 2 行是同一媒体的同一链接，请核对。"),
        (
            "5",
            "媒体级别",
            "没有“省部级”这一项，请从中选择：国家级、省级（自治区级）、市级、旗县级、其他。",
        ),
    ]
    again = await keeper.bring("adoptions", content)
    assert "已有，未改动 1 行" in again.text
    assert (await keeper.figures(2020))["media.adopted"].value == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (workbook(["2020年媒体采用情况"], ["采用日期", "媒体名称"]), "列名在第 2 行。请删去它上面的各行"),
        (workbook(["采用日期", "阅读量"], ["2020-01-01", 3]), "不认得列“阅读量”"),
        (workbook(["采用日期", "day"], ["2020-01-01", "2020-01-01"]), "列“采用日期”和“day”是同一项"),
        (workbook(["采用日期", "标题"]), "文件里没有登记"),
        (b"\xd0\xcf\x11\xe0old", "旧版 Excel"),
    ],
)
async def test_a_file_that_is_no_table_is_told(keeper: Keeper, content: bytes, told: str) -> None:
    page = await keeper.bring("adoptions", content)
    assert page.status == 422
    assert told in html.unescape(page.text)


@ON_SQLITE
async def test_merged_cells_are_told_by_row(keeper: Keeper) -> None:
    content = workbook(
        ["采用日期", "媒体名称", "媒体级别", "标题"],
        ["2020-01-01", "某报", "市级", "一"],
        ["2020-01-02", None, "市级", "二"],
        change=lambda sheet: sheet.merge_cells("B2:B3"),
    )
    page = html.unescape((await keeper.bring("adoptions", content)).text)
    assert page.count("这一格与 B2:B3 合并在一起。请取消合并，在每一行分别填写。") == 2


@ON_SQLITE
async def test_what_is_exported_opens_and_comes_in_again_unchanged(keeper: Keeper) -> None:
    both = sheets(
        逐件登记=[["收到日期", "渠道", "反映的问题", "受理情况"], ["2020-01-02", "舆情", "'=cmd", "受理"]],
        按月汇总=[TOTALS, ["2020-02", "舆情", 3, 2, 1, 3], ["2020-03", "舆情", 5, 4, 1, 4]],
    )
    assert "已登记 3 行" in (await keeper.bring("complaints", both)).text
    exported = await keeper.download("/statistics/registers/complaints/export.xlsx?year=2020")
    book = load_workbook(io.BytesIO(exported))
    assert book.sheetnames == ["逐件登记", "按月汇总", "汇总"]
    assert book["逐件登记"]["D2"].value == "'=cmd"
    sums = {row[0].value: row[1].value for row in book["汇总"].iter_rows() if row[0].value}
    assert sums["按月汇总：收到（件）"] == "=SUM('按月汇总'!$C$2:$C$3)"
    cached = load_workbook(io.BytesIO(exported), data_only=True)["汇总"]
    shown = {row[0].value: row[1].value for row in cached.iter_rows() if row[0].value}
    assert (shown["按月汇总：收到（件）"], shown["收到"], shown["受理：舆情"]) == (8, 9, 7)
    assert "已有，未改动 3 行" in (await keeper.bring("complaints", exported)).text
    template = await keeper.download("/statistics/registers/complaints/import/template.xlsx")
    assert load_workbook(io.BytesIO(template)).sheetnames == ["逐件登记", "按月汇总", "填写说明"]
    assert "文件里没有登记" in (await keeper.bring("complaints", template)).text
