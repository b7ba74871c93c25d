"""What bears a classification mark is refused at every door, and nothing of it stays behind."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from outreach.foundation import clock
from outreach.foundation.database import Base
from outreach.foundation.problems import ClassificationMarkFound
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.office.import_items import RowOutcome, import_items
from outreach.office.review_item import decide, judge_finding
from outreach.office.write_item import attach_file, edit_item
from outreach.review.model import DecisionKind
from outreach.review.service import Verdict
from outreach.screening.model import Judgement
from outreach.screening.queries import findings_of
from tests.builders import OfficeStory
from tests.items.builders import item as sample

TRACE = "蓝色信封行动"
MARKED = f"机密★20年\n关于{TRACE}的通知"
DOORS = {
    "title": {"title": f"{TRACE}(密级:机密)"},
    "short_title": {"short_title": f"绝密★ {TRACE}"},
    "body": {"body": f"正文第一段。\n{MARKED}\n正文第二段。"},
    "fields": {"fields": {"legal_basis": f"{TRACE}\n秘密★5年"}},
    "attachments.0": {"attachments": [f"机密★{TRACE}.pdf"]},
}


async def stored_texts(office: Office, home: Path) -> str:
    """All that the database and the data directory hold."""
    texts = [path.read_bytes().decode("utf-8", "ignore") for path in home.rglob("*") if path.is_file()]
    async with office.db.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                texts.append(json.dumps(list(row), default=str, ensure_ascii=False))
    return "\n".join(texts)


async def is_refused(story: OfficeStory, home: Path, act: Callable[[], Awaitable[Any]], *, told: str) -> None:
    with pytest.raises(ClassificationMarkFound) as caught:
        await act()
    assert [error.field.partition(".")[0] for error in caught.value.errors] == [told.partition(".")[0]]
    assert TRACE not in caught.value.detail + "".join(error.message for error in caught.value.errors)
    stored = await stored_texts(story.office, home)
    assert TRACE not in stored
    assert json.dumps(TRACE)[1:-1] not in stored


@pytest.mark.parametrize("field", DOORS)
async def test_a_marked_item_is_not_created(story: OfficeStory, tmp_path: Path, field: str) -> None:
    async def act() -> None:
        await story.item(**DOORS[field])

    await is_refused(story, tmp_path, act, told=field)


@pytest.mark.parametrize("field", DOORS)
async def test_a_mark_is_not_edited_in(story: OfficeStory, tmp_path: Path, field: str) -> None:
    item = await story.item()
    editor = await story.person("editor")

    async def act() -> None:
        async with story.office.db.begin() as session:
            await edit_item(session, item.id, editor, DOORS[field], version=1)

    await is_refused(story, tmp_path, act, told=field)
    assert (await story.fresh(item)).version == 1


async def test_a_file_with_a_marked_name_is_not_attached(story: OfficeStory, tmp_path: Path) -> None:
    item = await story.item()
    editor = await story.person("editor")

    async def act() -> None:
        name = f"绝密★{TRACE}.pdf"
        await attach_file(story.office, item.id, editor, name=name, content=b"%PDF-1.7\n%%EOF\n")

    await is_refused(story, tmp_path, act, told="attachments")


@pytest.mark.parametrize("field", ["opinion", "basis"])
async def test_a_marked_opinion_is_not_recorded(story: OfficeStory, tmp_path: Path, field: str) -> None:
    item = await story.item().submitted()
    head = await story.person("section_head")
    texts = {"opinion": "", "basis": "", field: MARKED}  # that the other one is missing is told later

    async def act() -> None:
        async with story.office.db.begin() as session:
            verdict = Verdict(DecisionKind.REFUSE, texts["opinion"], texts["basis"])
            await decide(session, item.id, head, verdict, revision=1, zone=clock.SHANGHAI)

    await is_refused(story, tmp_path, act, told=field)
    assert (await story.fresh(item)).stage == "section"


async def test_a_marked_reason_is_not_recorded(story: OfficeStory, tmp_path: Path) -> None:
    item = await story.item(body="身份证号11010519491231002X。").submitted().approved_by("section_head")
    reviewer = await story.person("confidentiality_reviewer")
    async with story.office.db.read() as session:
        (finding,) = await findings_of(session, item)

    async def act() -> None:
        async with story.office.db.begin() as session:
            await judge_finding(
                session, item.id, finding.id, reviewer, Judgement.FALSE_ALARM, MARKED, revision=1
            )

    await is_refused(story, tmp_path, act, told="reason")


async def test_a_marked_row_of_an_import_is_left_out_alone(story: OfficeStory, tmp_path: Path) -> None:
    rows = [sample("penalty", source_id="good"), sample("penalty", source_id="bad", body=MARKED, title="")]
    await story.section(rows[0]["section"])
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    report = await import_items(story.office, "items.jsonl", text.encode(), by=await story.person("editor"))
    assert [row.outcome for row in report.rows] == [RowOutcome.CREATED, RowOutcome.REJECTED]
    assert [error.field for error in report.rows[1].errors] == ["body", "title"]
    stored = await stored_texts(story.office, tmp_path)
    assert TRACE not in stored
    async with story.office.db.read() as session:
        assert (await session.scalars(select(Item.source_id))).all() == ["good"]


async def test_words_inside_a_sentence_are_no_mark(story: OfficeStory) -> None:
    item = await story.item(body="本公示不含国家秘密、商业秘密和工作秘密,内部资料已删除。").submitted()
    assert item.state == "in_review"
