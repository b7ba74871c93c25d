"""Excel workbooks, read into rows: what is clear is taken, what is not is told."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from outreach.foundation.problems import FieldError, InvalidContent
from outreach.items import importing
from outreach.items.importing import MAX_ROWS, Row
from outreach.items.labels import label_of
from outreach.items.model import Kind

from .builders import SAMPLES, without_nulls
from .workbooks import EVENT, event, sheets, with_parts, workbook

SHEET = "xl/worksheets/sheet1.xml"


def read_file(name: str, content: bytes) -> list[Row]:
    return list(importing.read_file(name, content))


def told(row: Row) -> dict[str, str]:
    return {error.field: error.message for error in row.errors}


def refused(content: bytes, name: str = "a.xlsx") -> str:
    """The one sentence with which the whole file is refused."""
    with pytest.raises(InvalidContent) as caught:
        read_file(name, content)
    assert caught.value.errors == (FieldError("file", caught.value.detail),)
    assert re.fullmatch(r".*[一-鿿].*。", caught.value.detail)
    return caught.value.detail


def fields(content: bytes) -> dict[str, Any]:
    """What the only row says."""
    [row] = read_file("a.xlsx", content)
    assert row.errors == ()
    assert row.content is not None
    typed = row.content.as_json()
    return {**typed, **typed["fields"]}


def penalty(**cells: Any) -> bytes:
    given = {
        "来源编号": "p-1", "类别": "行政处罚", "标题": "处罚", "科室": "法规与标准科", "当事人": "某公司",
        "当事人类型": "企业", "违法事实": "超标排放", "处罚依据": "第八十三条", "处罚种类": "罚款", **cells,
    }  # fmt: skip
    return workbook(list(given), list(given.values()))


@pytest.mark.parametrize("labelled", [False, True])
def test_the_samples_say_the_same_as_a_sheet(labelled: bool) -> None:
    flat = [sample for sample in SAMPLES if not {"forecast", "warning"} & set(sample["fields"])]
    names = list(
        dict.fromkeys(
            name
            for one in flat
            for name in {**one, **one["fields"]}
            if name not in ("fields", "extra", "concentrations", "stated")
        )
    )
    keys = list(dict.fromkeys(key for one in flat for key in one["fields"].get("concentrations", {})))
    column = {name: name for name in names}
    if labelled:
        # 决定日期 and 批复日期 are one name: a sheet for all kinds has both labels, one for each kind.
        column |= {name: label_of(kind, name) for kind in Kind for name in names if _is_own(kind, name)}
        flat = [one for one in flat if one["kind"] == "air_quality"]
    rows = [[column[name] for name in names] + keys]
    for one in flat:
        told_of = {**one, **one["fields"], "attachments": "；".join(one.get("attachments", []))}
        rows.append(
            [told_of.get(name) for name in names]
            + [one["fields"].get("concentrations", {}).get(key) for key in keys]
        )

    read = read_file("items.xlsx", workbook(*rows))

    assert len(read) == len(flat)
    for row, sample in zip(read, flat, strict=True):
        assert row.errors == ()
        assert row.content is not None
        typed = without_nulls(row.content.as_json())["fields"]
        expected = without_nulls(
            {name: value for name, value in sample["fields"].items() if name not in ("extra", "stated")}
        )
        assert json.dumps(typed, sort_keys=True) == json.dumps(expected, sort_keys=True)


def _is_own(kind: Kind, name: str) -> bool:
    try:
        return bool(label_of(kind, name))
    except KeyError:
        return False


def test_the_content_decides_whether_it_is_a_workbook() -> None:
    for name in ("a.xlsx", "a.csv", "-", ""):
        assert read_file(name, event())[0].errors == ()


def test_rows_are_numbered_as_the_spreadsheet_numbers_them_and_by_their_sheet() -> None:
    head, row = list(EVENT), list(EVENT.values())
    content = sheets(活动=[head, [], row], 其他=[], 更多=[head, ["e-2", *row[1:]]])

    assert [(one.sheet, one.number) for one in read_file("a.xlsx", content)] == [("活动", 3), ("更多", 2)]


def test_hidden_sheets_and_the_guide_bear_no_items() -> None:
    head, row = list(EVENT), list(EVENT.values())
    content = sheets(活动=[head, row], 填写说明=[["怎样填写"]], _选项=[["宣传教育科"]])

    assert len(read_file("a.xlsx", content)) == 1


def test_a_sheet_that_is_no_table_is_told_by_its_name() -> None:
    content = sheets(活动=[list(EVENT), list(EVENT.values())], 备忘=[["给王工打电话"]])

    assert "工作表“备忘”" in refused(content)


def test_the_same_number_on_two_sheets_is_told_with_both_places() -> None:
    head, row = list(EVENT), list(EVENT.values())
    content = sheets(一=[head, row], 二=[head, [*row[:2], "另一场", *row[3:]]])

    assert "工作表“一”第 2 行" in told(read_file("a.xlsx", content)[1])["source_id"]


def test_a_title_above_the_columns_is_told_and_not_guessed() -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:H1")

    content = workbook(["2026年活动一览表"], list(EVENT), list(EVENT.values()), change=merge)

    assert "第 1 行“2026年活动一览表”不是列名，列名在第 2 行" in refused(content)


def test_empty_rows_above_the_columns_are_told() -> None:
    assert "列名在第 3 行" in refused(workbook([], [], list(EVENT), list(EVENT.values())))


def test_merged_columns_are_told() -> None:
    assert "A1:B1" in refused(event(lambda sheet: sheet.merge_cells("A1:B1")))


def test_merged_cells_are_told_on_each_row_that_they_touch_and_the_others_are_taken() -> None:
    def rows(sheet: Worksheet) -> None:
        for number in range(2, 6):
            sheet.append([f"e-{number}", *list(EVENT.values())[1:]])
        sheet.merge_cells("D3:D4")
        sheet.merge_cells("K8:M9")

    read = read_file("a.xlsx", event(rows))

    assert [row.errors == () for row in read] == [True, False, False, True, True]
    assert all("D3:D4" in told(row)["section"] for row in read[1:3])


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
def test_an_error_in_a_cell_is_told(error: str) -> None:
    [row] = read_file("a.xlsx", event(主题=error))

    assert error in told(row)["fields.theme"]


def test_a_formula_counts_with_the_result_that_was_saved() -> None:
    formula = b'<c r="I2"><f>1+1</f><v>250</v></c>'
    content = with_parts(penalty(), {SHEET: lambda old: _put_in_column(old, "罚款金额(元)", formula)})

    assert fields(content)["amount_yuan"] == 250


def test_a_formula_without_a_result_is_told() -> None:
    [row] = read_file("a.xlsx", event(主题='=A2&"号"', 标题="=A2"))

    assert set(told(row)) == {"title", "fields.theme"}
    assert "公式" in told(row)["title"]


def _put_in_column(sheet: bytes, column: str, cell: bytes) -> bytes:
    """The sheet with one more column: its name, and below it the cell."""
    named = f'<c r="J1" t="inlineStr"><is><t>{column}</t></is></c></row>'.encode()
    head, below = sheet.split(b"</row>", 1)
    return head + named + below.replace(b"</row>", cell.replace(b"I2", b"J2") + b"</row>", 1)


def test_days_and_times_may_be_real_ones() -> None:
    def formats(sheet: Worksheet) -> None:
        sheet["F2"].number_format = "yyyy/m/d h:mm"
        sheet["J2"].number_format = 'yyyy"年"m"月"d"日"'

    read = fields(
        event(
            formats,
            开始时间=datetime(2026, 6, 5, 9, 30),
            形成日期=date(2026, 5, 1),
            结束时间=datetime(2026, 6, 6),
        )
    )

    assert (read["formed_on"], read["starts_at"], read["ends_at"]) == (
        "2026-05-01",
        "2026-06-05T09:30",
        "2026-06-06",
    )


def test_midnight_is_a_time_where_the_cell_shows_it() -> None:
    def formats(sheet: Worksheet) -> None:
        sheet["F2"].number_format = "yyyy-mm-dd hh:mm"

    assert fields(event(formats, 开始时间=datetime(2026, 6, 5)))["starts_at"] == "2026-06-05T00:00"


@pytest.mark.parametrize("typed", ["2026/6/5", "2026年6月5日", "2026-06-05"])
def test_a_day_may_be_a_text(typed: str) -> None:
    assert fields(event(形成日期=typed))["formed_on"] == "2026-06-05"


@pytest.mark.parametrize("value", [datetime(2026, 1, 2), date(2026, 1, 2), time(9, 30)])
def test_a_number_that_became_a_day_is_told(value: Any) -> None:
    assert "已被电子表格改动" in told(read_file("a.xlsx", event(来源编号=value))[0])["source_id"]


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (123456789012345, "123456789012345"), (1.5, "1.5"), ("007", "007")]
)
def test_a_number_stands_for_its_digits_where_a_text_belongs(value: Any, text: str) -> None:
    assert fields(event(来源编号=value))["source_id"] == text


def test_leading_zeros_that_only_the_format_shows_are_kept() -> None:
    def formats(sheet: Worksheet) -> None:
        sheet["A2"].number_format = "00000"

    assert fields(event(formats, 来源编号=123))["source_id"] == "00123"


def test_a_long_number_that_lost_its_digits_is_told() -> None:
    [row] = read_file("a.xlsx", event(来源编号=2026150902460104417))

    assert "超过 15 位" in told(row)["source_id"]


@pytest.mark.parametrize(
    ("value", "number"), [(50000, 50000), (93.5, 93.5), (0.1 + 0.2, 0.3), ("93.50", 93.5), (3.14, 3.14)]
)
def test_numbers_are_exact(value: Any, number: float) -> None:
    amount = fields(penalty(**{"罚款金额(元)": value}))["amount_yuan"]

    assert json.dumps(amount) == json.dumps(number)


def test_a_percentage_is_told_for_it_would_be_a_hundredth() -> None:
    def formats(sheet: Worksheet) -> None:
        sheet["M2"].number_format = "0.0%"

    cells = {
        "来源编号": "a-1", "类别": "空气质量", "标题": "月报", "科室": "监测科", "区域": "集宁", "时段": "月报",
        "开始日期": date(2026, 1, 1), "结束日期": date(2026, 1, 31), "SO2": 9, "NO2": 20, "PM10": "缺测", "PM2.5": 18.0,
        "优良天数比例": 0.856,
    }  # fmt: skip
    [row] = read_file("a.xlsx", workbook(list(cells), list(cells.values()), change=formats))

    assert "百分比" in told(row)["fields.good_days_percent"]


def test_line_breaks_of_other_systems_are_line_breaks() -> None:
    assert fields(event(正文="第一行_x000D_\n第二行"))["body"] == "第一行\n第二行"


def test_what_a_file_says_of_its_own_size_does_not_matter() -> None:
    content = with_parts(
        event(主题="绿色"),
        {SHEET: lambda old: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B1"', old)},
    )

    assert fields(content)["theme"] == "绿色"


def test_what_a_workbook_holds_besides_its_cells_does_not_matter() -> None:
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("活动")
    sheet.write_row(0, 0, list(EVENT))
    sheet.write_row(1, 0, list(EVENT.values()))
    sheet.conditional_format("A1:A9", {"type": "data_bar", "data_bar_2010": True})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=活动!$A$1:$A$2"})
    book.add_chartsheet("图").set_chart(chart)
    book.close()

    assert fields(target.getvalue())["title"] == "开放日"


def test_a_table_has_its_bounds() -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(2, MAX_ROWS + 3)
    )
    content = with_parts(event(), {SHEET: lambda old: re.sub(rb'<row r="2".*</row>', lambda _: rows, old)})

    assert str(MAX_ROWS) in refused(content)


def _package(**parts: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def _sheet_of(inner: bytes) -> Callable[[bytes], bytes]:
    return lambda old: re.sub(
        rb"<sheetData>.*</sheetData>", lambda _: b"<sheetData>" + inner + b"</sheetData>", old
    )


BROKEN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a table that is called a workbook": ("a.xlsx", lambda: ",".join(EVENT).encode()),
    "a page that is called a workbook": ("a.xls", lambda: b"<html><table></table></html>"),
    "an old workbook or one with a password": ("a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)),
    "the beginning of a package": ("a.xlsx", lambda: b"PK\x03\x04rest"),
    "half a workbook": ("a.xlsx", lambda: event()[:3000]),
    "any package": ("a.xlsx", lambda: _package(readme=b"hello")),
    "a text document": ("a.xlsx", lambda: with_parts(event(), {"[Content_Types].xml": lambda old: old.replace(b"spreadsheetml.sheet.main", b"wordprocessingml.document.main")})),
    "a workbook with macros": ("a.xlsm", lambda: with_parts(event(), {"[Content_Types].xml": lambda old: old.replace(b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", b"application/vnd.ms-excel.sheet.macroEnabled.main")})),
    "a sheet that ends in the middle": ("a.xlsx", lambda: with_parts(event(), {SHEET: lambda old: old[:-200]})),
    "a style that isn't there": ("a.xlsx", lambda: with_parts(event(来源编号=7), {SHEET: lambda old: old.replace(b'<c r="A2"', b'<c r="A2" s="999"')})),
    "a text that isn't there": ("a.xlsx", lambda: with_parts(event(), {SHEET: _sheet_of(b'<row r="1"><c r="A1" t="s"><v>99999</v></c></row>')})),
    "entities that unfold": ("a.xlsx", lambda: with_parts(event(), {SHEET: lambda old: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + old})),
    "a row of millions of cells": ("a.xlsx", lambda: with_parts(event(), {SHEET: _sheet_of(b'<row r="1">' + b"<c/>" * 200_000 + b"</row>")})),
    "a cell far to the right": ("a.xlsx", lambda: with_parts(event(), {SHEET: _sheet_of(b'<row r="1"><c r="XFD1"/></row>')})),
    "a row far below": ("a.xlsx", lambda: with_parts(event(), {SHEET: _sheet_of(b'<row r="2000000000"><c><v>1</v></c></row>')})),
    "a sheet of zeros that unpacks to gigabytes": ("a.xlsx", lambda: with_parts(event(), {"xl/media/image1.png": bytes(300_000_000)})),
    "styles that unpack to a tree of millions": ("a.xlsx", lambda: with_parts(event(), {"xl/styles.xml": b"<a>" + b"<a/>" * 4_000_000 + b"</a>"})),
    "a sheet that claims to be the styles": ("a.xlsx", lambda: with_parts(event(), {
        "xl/styles.xml": b"<a>" + b"<a/>" * 4_000_000 + b"</a>",
        "[Content_Types].xml": lambda old: old.replace(b"styles+xml", b"worksheet+xml"),
    })),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_workbook_is_refused_with_one_sentence(what: str) -> None:
    name, make = BROKEN[what]
    assert refused(make(), name)
