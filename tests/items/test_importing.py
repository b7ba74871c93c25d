"""Files of items, read into rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import pytest

from outreach.foundation.problems import FieldError, InvalidContent, TooLarge
from outreach.items import importing
from outreach.items.importing import MAX_FILE_BYTES, MAX_ROWS, Row
from outreach.items.importing.table import raw_from_cells

from .builders import SAMPLES, item, without_nulls

DEMO = files("outreach.demo")


def read_file(name: str, content: bytes) -> list[Row]:
    """All rows of a file."""
    return list(importing.read_file(name, content))


def lines(*items: Mapping[str, Any]) -> bytes:
    """Items as JSON Lines."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in items).encode()


def table(*rows: Sequence[str]) -> bytes:
    """Rows of cells without commas as CSV."""
    return "\n".join(",".join(row) for row in rows).encode()


def told(row: Row) -> dict[str, str]:
    """What is wrong with a row, by field."""
    return {error.field: error.message for error in row.errors}


EVENT = {
    "来源编号": "e-1", "类别": "活动预告", "标题": "开放日", "科室": "宣传教育科",
    "活动名称": "开放日", "开始时间": "2026-06-05", "活动地点": "监测站", "主办单位": "市局",
}  # fmt: skip


def event(**changes: str) -> bytes:
    """A table of one event; cells are given by their columns."""
    cells = {**EVENT, **changes}
    return table(list(cells), list(cells.values()))


def test_the_samples_are_taken_as_json_lines() -> None:
    rows = read_file("items.jsonl", (DEMO / "items.jsonl").read_bytes())

    assert [row.number for row in rows] == list(range(1, len(SAMPLES) + 1))
    assert not any(row.errors for row in rows)


def test_the_samples_say_the_same_as_a_table() -> None:
    rows = read_file("items.csv", (DEMO / "items.csv").read_bytes())
    samples = {sample["source_id"]: sample for sample in SAMPLES}

    assert len(rows) == 50
    for row in rows:
        assert row.errors == ()
        assert row.content is not None
        typed = without_nulls(row.content.as_json())
        sample = without_nulls(samples[typed["source_id"]])
        flat = {name: value for name, value in sample["fields"].items() if name not in ("extra", "stated")}
        assert json.dumps(typed["fields"], sort_keys=True) == json.dumps(flat, sort_keys=True)
        assert {name: typed[name] for name in sample if name != "fields"} == {
            name: value for name, value in sample.items() if name != "fields"
        }


def test_columns_may_bear_labels_and_choices_their_chinese_words() -> None:
    [row] = read_file(
        "a.csv", event(来源类型="转载", 转载来源="生态环境部", **{"附加:频次": "每月"}, 附件="a.pdf；b.png")
    )

    assert row.content is not None
    typed = row.content.as_json()
    assert (row.number, typed["kind"], typed["origin"]) == (2, "event", "repost")
    assert typed["attachments"] == ["a.pdf", "b.png"]
    assert typed["fields"]["extra"] == {"频次": "每月"}


def test_an_unknown_column_is_told_with_the_nearest_known_one() -> None:
    [row] = read_file("a.csv", event(主办单立="x", titel="y"))

    assert "“主办单位”" in told(row)["主办单立"]
    assert "“title”" in told(row)["titel"]
    assert row.content is None


def test_a_column_of_another_kind_has_to_be_empty() -> None:
    assert read_file("a.csv", event(**{"罚款金额(元)": ""}))[0].errors == ()
    assert "活动预告" in told(read_file("a.csv", event(amount_yuan="5"))[0])["amount_yuan"]


def test_two_kinds_may_call_one_name_differently_but_no_column_stands_twice() -> None:
    days = {"批复日期": "", "决定日期": ""}

    assert read_file("a.csv", event(**days))[0].errors == ()
    with pytest.raises(InvalidContent, match="同一项"):
        read_file("a.csv", event(decided_on="", **days))
    with pytest.raises(InvalidContent, match="同一项"):
        read_file("a.csv", event(title="x"))


def test_concentrations_are_columns_and_a_forecast_is_json_in_a_cell() -> None:
    common = {name: EVENT[name] for name in ("来源编号", "标题", "科室")}
    air = {
        **common,
        "类别": "空气质量",
        "区域": "集宁城区",
        "开始日期": "2026-11-02",
        "结束日期": "2026-11-02",
    }
    daily, _ = raw_from_cells({**air, "时段": "日报", "PM2.5_24h": "16", "CO_24h": "0.5", "O3_8h": ""})
    forecast, errors = raw_from_cells({**air, "时段": "forecast", "forecast": "[{", "stated": '{"aqi": 3}'})

    assert daily["fields"]["concentrations"] == {"PM2.5_24h": "16", "CO_24h": "0.5"}
    assert daily["fields"]["period"] == "daily"
    assert forecast["fields"]["stated"] == {"aqi": 3}
    assert [error.field for error in errors] == ["fields.forecast"]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    header, good = event().decode().split("\n")
    content = "\n".join([header, "", good, ",,", '"x\ny",,,,,,,'])

    rows = read_file("a.csv", content.encode())

    assert [row.number for row in rows] == [3, 5]
    assert told(rows[1])["source_id"]


def test_what_a_chinese_excel_writes_is_read() -> None:
    text = event().decode()

    for content in (text.encode("gb18030"), text.encode("utf-8-sig"), text.replace("\n", "\r\n").encode()):
        assert read_file("a.csv", content)[0].errors == ()


@pytest.mark.parametrize("typed", ["2026/6/5", "2026.06.5", "2026-6-5", "2026年6月5日", "2026/6/5 0:00"])
def test_a_day_is_read_as_spreadsheets_here_write_it(typed: str) -> None:
    [row] = read_file("a.csv", event(形成日期=typed))

    assert row.content is not None
    assert row.content.as_json()["formed_on"] == "2026-06-05"


def test_a_day_that_could_mean_two_is_told() -> None:
    assert set(told(read_file("a.csv", event(形成日期="5/6/2026"))[0])) == {"formed_on"}


def test_a_time_is_read_as_spreadsheets_here_write_it() -> None:
    [row] = read_file("a.csv", event(开始时间="2026/6/5 9:30"))

    assert row.content is not None
    assert row.content.as_json()["fields"]["starts_at"] == "2026-06-05T09:30"


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "2.02615E+18"])
def test_what_a_spreadsheet_made_of_a_text_is_told(cell: str) -> None:
    assert cell in told(read_file("a.csv", event(主题=cell))[0])["fields.theme"]


def test_an_apostrophe_says_that_a_text_is_just_a_text() -> None:
    [row] = read_file("a.csv", event(主题="'=1+1", 对象="'公众'"))

    assert row.content is not None
    fields = row.content.as_json()["fields"]
    assert (fields["theme"], fields["audience"]) == ("=1+1", "'公众'")


def test_a_title_above_the_columns_is_told_and_not_guessed() -> None:
    with pytest.raises(InvalidContent, match="第 1 行“2026年活动一览表”不是列名，列名在第 3 行"):
        read_file("a.csv", "2026年活动一览表,,\n\n".encode() + event())


def test_a_table_without_known_columns_is_told() -> None:
    with pytest.raises(InvalidContent, match="第一行没有认得的列名"):
        read_file("a.csv", "序号,内容\n1,开放日".encode())


def test_missing_measurements_are_told_apart_from_columns_left_empty() -> None:
    raw, errors = raw_from_cells({"类别": "空气质量", "PM10_24h": "缺测", "CO_24h": "", "O3_8h": "120"})

    assert (raw["fields"]["concentrations"], errors) == ({"PM10_24h": None, "O3_8h": "120"}, [])


def test_names_of_files_may_bear_what_parts_them() -> None:
    raw, _ = raw_from_cells({"类别": "活动预告", "附件": '["a；b.pdf", "c.pdf"]'})
    plain, _ = raw_from_cells({"类别": "活动预告", "附件": "[1]号.pdf；b.pdf"})

    assert raw["attachments"] == ["a；b.pdf", "c.pdf"]
    assert plain["attachments"] == ["[1]号.pdf", "b.pdf"]


def test_cells_without_a_column_are_told() -> None:
    assert read_file("a.csv", event() + b",,")[0].errors == ()
    assert "row" in told(read_file("a.csv", event() + ",多出".encode())[0])


def test_a_broken_line_is_told_and_the_others_are_taken() -> None:
    good = item("event")
    content = lines(good) + b"\n{\n\n[]\n" + b'{"a":' + b"9" * 5000 + b"}\n" + b"[" * 99999

    rows = read_file("a.jsonl", content)

    assert [(row.number, bool(row.content)) for row in rows] == [
        (1, True),
        (2, False),
        (4, False),
        (5, False),
        (6, False),
    ]
    assert all(set(told(row)) == {"row"} for row in rows[1:])


def test_an_array_of_objects_is_read_too() -> None:
    rows = read_file("a.json", json.dumps([item("event"), 1]).encode())

    assert [(row.number, bool(row.content)) for row in rows] == [(1, True), (2, False)]
    with pytest.raises(InvalidContent):
        read_file("a.json", b"[1,")


def test_without_a_known_ending_the_content_decides() -> None:
    assert read_file("-", lines(item("event")))[0].content
    assert read_file("-", event())[0].content


def test_the_same_number_again_may_only_say_the_same() -> None:
    first = item("event")
    same = {
        **first,
        "short_title": None,
        "fields": {**first["fields"], "theme": first["fields"]["theme"] + " "},
    }
    other = {**first, "title": "另一个标题"}

    rows = read_file("a.jsonl", lines(first, same, other))

    assert [row.errors == () for row in rows] == [True, True, False]
    assert "第 1 行" in told(rows[2])["source_id"]


def test_an_import_needs_a_number_in_each_row() -> None:
    [row] = read_file("a.jsonl", lines({**item("event"), "source_id": None}))

    assert set(told(row)) == {"source_id"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"PK\x03\x04rest"),
        ("a.csv", "标题".encode("utf-16")),
        ("a.csv", b"\xff\xfe\xfd,\xff"),
        ("a.jsonl", "标题".encode("gb18030")),
        ("a.csv", b""),
        ("a.csv", "标题,科室\n".encode()),
        ("a.csv", b'a,b\n"c'),
    ],
)
def test_a_file_that_can_not_be_read_is_told_as_a_whole(name: str, content: bytes) -> None:
    with pytest.raises(InvalidContent) as caught:
        read_file(name, content)

    assert caught.value.errors == (FieldError("file", caught.value.detail),)


def test_a_file_has_its_bounds() -> None:
    with pytest.raises(TooLarge):
        read_file("a.csv", b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(InvalidContent, match=str(MAX_ROWS)):
        read_file("a.jsonl", b"{}\n" * (MAX_ROWS + 1))
