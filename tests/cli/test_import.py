from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from outreach.foundation import audit
from outreach.items.model import Attachment, Item
from outreach.people.model import Person
from outreach.screening.queries import incidents
from tests.cli.conftest import Shell
from tests.items import workbooks
from tests.items.builders import SAMPLES
from tests.items.builders import item as sample

DEMO = Path(str(files("outreach.demo")))
SECTIONS = list(dict.fromkeys(one["section"] for one in SAMPLES))


async def items(outreach: Shell) -> list[Item]:
    office = outreach.office()
    async with office.db.read() as session:
        found = list((await session.scalars(select(Item).order_by(Item.id))).unique())
    await office.close()
    return found


def lines(*rows: dict[str, Any] | str) -> str:
    return "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)


@pytest.mark.parametrize(("name", "rows"), [("items.jsonl", 52), ("items.csv", 50)])
async def test_the_samples_come_in_once(outreach: Shell, name: str, rows: int) -> None:
    await outreach.fill_sections(*SECTIONS)
    first = await outreach("import", DEMO / name)
    assert first.stdout.splitlines()[-1] == f"已导入 {rows} 条。"
    again = await outreach("import", DEMO / name)
    assert again.stdout.splitlines()[-1] == f"已有，未改动 {rows} 条。"
    found = await items(outreach)
    assert len(found) == rows
    assert {(item.state, item.created_by, item.version) for item in found} == {("draft", None, 1)}


async def test_a_mark_that_the_command_line_was_refused_is_an_incident_of_its_own(
    outreach: Shell, tmp_path: Path
) -> None:
    await outreach.fill_sections(*SECTIONS)
    await outreach("user", "add", "李文", "--role", "editor")
    row = sample("penalty", source_id="marked", body="机密★3年\n正文", title="")
    (tmp_path / "rows.jsonl").write_text(lines(row), "utf-8")
    for _ in range(2):
        refused = await outreach("import", tmp_path / "rows.jsonl", fails=1)
        assert "“机密★3年”" in refused.stdout and "title：必填" in refused.stdout
    await outreach("import", tmp_path / "rows.jsonl", "--dry-run", "--as", "李文", fails=1)
    office = outreach.office()
    async with office.db.read() as session:
        found = await incidents(session)
        assert await audit.verify(session) == []
    await office.close()
    assert sorted((name, incident.field) for incident, name in found) == [
        ("命令行", "body"),
        ("李文", "body"),
    ]


async def test_files_beside_the_import_come_in_with_it(outreach: Shell) -> None:
    await outreach.fill_sections(*SECTIONS)
    await outreach("import", DEMO / "items.jsonl")
    office = outreach.office()
    async with office.db.read() as session:
        attachments = (await session.scalars(select(Attachment))).all()
    names = {one.name for one in attachments if not one.missing}
    lying_there = {path.name for path in (DEMO / "attachments").rglob("*") if path.is_file()}
    assert names == lying_there & {one.name for one in attachments}
    for one in attachments:
        if one.sha256:
            assert len(await office.media.read(one.sha256)) == one.size
    await office.close()


async def test_without_its_section_each_row_says_what_to_mend(outreach: Shell) -> None:
    result = await outreach("import", DEMO / "items.jsonl", fails=1)
    told = result.stdout.splitlines()
    assert told[0].startswith("第 1 行 section：")
    assert told[-1] == "有误，未导入 52 条。"
    assert await items(outreach) == []


async def test_a_bad_row_is_told_and_the_good_ones_are_taken(outreach: Shell, tmp_path: Path) -> None:
    await outreach.fill_sections(*SECTIONS)
    path = tmp_path / "some.jsonl"
    good, bad = sample("penalty", source_id="good"), sample("penalty", source_id="bad", title="")
    path.write_text(lines(good, bad, "{not json", {**good, "source_id": "also-good"}))
    result = await outreach("import", path, fails=1)
    told = result.stdout.splitlines()
    assert told[0].startswith("第 2 行 title：")
    assert told[1].startswith("第 3 行 ")
    assert told[-1] == "已导入 2 条，有误，未导入 2 条。"
    assert {item.source_id for item in await items(outreach)} == {"good", "also-good"}


async def test_a_trial_stores_nothing(outreach: Shell) -> None:
    await outreach.fill_sections(*SECTIONS)
    result = await outreach("import", DEMO / "items.jsonl", "--dry-run")
    assert result.stdout.splitlines()[-1] == "无误 52 条。没有保存任何一条。"
    assert await items(outreach) == []


async def test_all_or_nothing_takes_nothing_where_one_row_is_bad(outreach: Shell) -> None:
    await outreach.fill_sections(*SECTIONS)
    good, bad = sample("penalty", source_id="good"), sample("penalty", source_id="bad", title="")
    result = await outreach("import", "-", "--all-or-nothing", stdin=lines(good, bad), fails=1)
    assert "没有保存任何一条" in result.stdout
    assert await items(outreach) == []
    await outreach("import", "-", "--all-or-nothing", stdin=lines(good))
    assert len(await items(outreach)) == 1


async def test_json_gives_one_object_for_each_row_and_nothing_else(outreach: Shell) -> None:
    await outreach.fill_sections(*SECTIONS)
    good = sample("penalty", source_id="good", attachments=["批复.pdf"])
    bad = sample("penalty", source_id="bad", title="", fields={"amount_yuan": -1})
    result = await outreach("import", "-", "--json", stdin=lines(good, bad, "[]"), fails=1)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["row"], row["source_id"], row["outcome"]) for row in rows] == [
        (1, "good", "created"),
        (2, "bad", "rejected"),
        (3, None, "rejected"),
    ]
    assert "批复.pdf" in rows[0]["notes"][0]
    assert {error["field"] for error in rows[1]["errors"]} == {"title", "fields.amount_yuan"}
    again = await outreach("import", "-", "--json", stdin=lines(good))
    (row,) = [json.loads(line) for line in again.stdout.splitlines()]
    assert (row["outcome"], row["item_id"]) == ("unchanged", rows[0]["item_id"])


async def test_json_answers_rows_that_cannot_be_written_as_text(outreach: Shell) -> None:
    rows = [json.dumps({"source_id": "\ud800", "\udfff": 1}), '{"source_id": "\\u0000"}', "{" * 5000]
    result = await outreach("import", "-", "--json", stdin="\n".join(rows), fails=1)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["row"], row["outcome"]) for row in answers] == [(n, "rejected") for n in (1, 2, 3)]


async def test_items_may_come_in_as_somebodys(outreach: Shell) -> None:
    await outreach.fill_sections(*SECTIONS)
    await outreach("user", "add", "王编辑", "--role", "editor")
    await outreach("import", "-", "--as", "王编辑", stdin=lines(sample("event")))
    (item,) = await items(outreach)
    office = outreach.office()
    async with office.db.read() as session:
        assert item.created_by == await session.scalar(select(Person.id))
    await office.close()


async def test_whoever_imports_has_to_be_an_editor_that_exists(outreach: Shell) -> None:
    await outreach("user", "add", "审计", "--role", "auditor")
    refused = await outreach("import", "-", "--as", "审计", stdin=lines(sample("event")), fails=1)
    unknown = await outreach("import", "-", "--as", "没有这人", stdin=lines(sample("event")), fails=1)
    assert "信息编辑" in refused.stderr
    assert unknown.stderr


async def test_what_is_no_list_of_items_is_told(outreach: Shell) -> None:
    result = await outreach("import", "-", stdin=b"\xff\xfe\x00binary", fails=1)
    assert result.stdout + result.stderr


async def test_an_empty_file_says_so(outreach: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    result = await outreach("import", tmp_path / "empty.jsonl", fails=1)
    assert "没有信息" in result.stderr


async def test_a_workbook_comes_in_from_a_file_and_from_standard_input(
    outreach: Shell, tmp_path: Path
) -> None:
    await outreach.fill_sections(workbooks.EVENT["科室"])
    (tmp_path / "a.xlsx").write_bytes(workbooks.event())
    first = await outreach("import", tmp_path / "a.xlsx")
    assert first.stdout == "已导入 1 条。\n"
    again = await outreach("import", "-", "--json", stdin=workbooks.event())
    (row,) = [json.loads(line) for line in again.stdout.splitlines()]
    assert (row["sheet"], row["row"], row["outcome"]) == ("信息", 2, "unchanged")


async def test_a_wrong_cell_is_told_by_its_sheet_row_and_field(outreach: Shell) -> None:
    await outreach.fill_sections(workbooks.EVENT["科室"])
    result = await outreach("import", "-", stdin=workbooks.event(主题="#N/A"), fails=1)
    assert result.stdout.startswith("第 2 行（工作表“信息”） fields.theme：这一格是错误值 #N/A。")


async def test_a_table_of_an_office_in_its_own_encoding_comes_in(outreach: Shell, tmp_path: Path) -> None:
    await outreach.fill_sections(workbooks.EVENT["科室"])
    cells = {**workbooks.EVENT, "开始时间": "2026/6/5"}
    (tmp_path / "a.csv").write_bytes(f"{','.join(cells)}\r\n{','.join(cells.values())}\r\n".encode("gb18030"))
    assert (await outreach("import", tmp_path / "a.csv")).stdout == "已导入 1 条。\n"


async def test_a_long_import_says_on_standard_error_how_far_it_is(outreach: Shell) -> None:
    await outreach.fill_sections(workbooks.EVENT["科室"])
    rows = [
        sample("event", source_id=f"e-{number}", section=workbooks.EVENT["科室"]) for number in range(1500)
    ]
    result = await outreach("import", "-", "--json", "--dry-run", stdin=lines(*rows))
    assert result.stderr.splitlines() == ["已处理 1000／1500 行", "已处理 1500／1500 行"]
    assert len(result.stdout.splitlines()) == 1500
