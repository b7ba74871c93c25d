"""What becomes of a file of items, on both databases."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from outreach.foundation import audit
from outreach.items.model import Author, Item
from outreach.office.import_items import BATCH, ImportReport, RowOutcome, import_items
from tests.builders import OfficeStory
from tests.items.builders import item as sample
from tests.screening.documents import comment


def rows(*numbers: str, **changes: Any) -> list[dict[str, Any]]:
    """Penalties under these numbers."""
    return [sample("penalty", source_id=number, attachments=[], **changes) for number in numbers]


async def take_in(story: OfficeStory, *given: dict[str, Any], **options: Any) -> ImportReport:
    """Imports these rows as the editor's."""
    await story.section(sample("penalty")["section"])
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in given)
    by = await story.person("editor")
    return await import_items(story.office, "a.jsonl", text.encode(), by=by, **options)


async def count(story: OfficeStory) -> int:
    async with story.office.db.read() as session:
        return (await session.execute(select(func.count(Item.id)))).scalar_one()


async def test_an_imported_item_is_a_draft_of_whoever_imported_it(story: OfficeStory) -> None:
    report = await take_in(story, *rows("a"))
    editor = await story.person("editor")
    async with story.office.db.read() as session:
        item = await session.get_one(Item, report.rows[0].item_id)
        authors = (await session.scalars(select(Author.person_id))).all()
    assert (item.state, item.revision, item.version) == ("draft", 1, 1)
    assert (item.created_by, list(authors)) == (editor.id, [editor.id])


async def test_an_empty_body_is_composed_as_if_the_item_had_been_typed(story: OfficeStory) -> None:
    report = await take_in(story, *rows("a", body=""))
    typed = await story.item("penalty", body="")
    async with story.office.db.read() as session:
        assert (await session.get_one(Item, report.rows[0].item_id)).body == typed.body


async def test_the_same_row_again_comes_to_the_same_however_far_below(story: OfficeStory) -> None:
    given = rows("a", *(f"b-{number}" for number in range(BATCH)), "a")
    trial = await take_in(story, *given, dry_run=True)
    assert (trial.rows[0].outcome, trial.rows[-1].outcome) == (RowOutcome.GOOD, RowOutcome.UNCHANGED)
    assert all(row.item_id is None for row in trial.rows)
    report = await take_in(story, *given)
    assert (report.rows[0].outcome, report.rows[-1].outcome) == (RowOutcome.CREATED, RowOutcome.UNCHANGED)
    assert report.rows[0].item_id == report.rows[-1].item_id


async def test_a_row_that_repeats_a_wrong_one_is_wrong_too(story: OfficeStory) -> None:
    report = await take_in(story, *rows("a", "a", section="没有这个科室"))
    assert [row.outcome for row in report.rows] == [RowOutcome.REJECTED] * 2
    assert [error.field for error in report.rows[1].errors] == ["section"]


async def test_all_or_nothing_tells_every_wrong_row_and_keeps_none(story: OfficeStory) -> None:
    given = [*rows("a", "b"), *rows("c", section="没有这个科室"), *rows("d", title=""), *rows("a")]
    report = await take_in(story, *given, all_or_nothing=True)
    assert [row.outcome for row in report.rows] == [
        RowOutcome.GOOD, RowOutcome.GOOD, RowOutcome.REJECTED, RowOutcome.REJECTED, RowOutcome.UNCHANGED,
    ]  # fmt: skip
    assert (report.stored, await count(story)) == (False, 0)
    assert all(row.item_id is None for row in report.rows)


async def test_a_long_file_is_stored_whole_or_not_at_all_where_that_is_asked_for(story: OfficeStory) -> None:
    given = rows(*(str(number) for number in range(2 * BATCH + 1)))
    report = await take_in(story, *given, all_or_nothing=True)
    assert (report.stored, report.count(RowOutcome.CREATED), await count(story)) == (True, 401, 401)


async def test_two_imports_of_the_same_file_at_once_make_each_item_once(story: OfficeStory) -> None:
    await story.section(sample("penalty")["section"])
    await story.person("editor")
    given = rows(*(str(number) for number in range(3 * BATCH)))
    first, second = await asyncio.gather(take_in(story, *given), take_in(story, *given))
    assert await count(story) == len(given)
    assert first.count(RowOutcome.CREATED) + second.count(RowOutcome.CREATED) == len(given)
    assert first.count(RowOutcome.UNCHANGED) + second.count(RowOutcome.UNCHANGED) == len(given)
    assert [row.item_id for row in first.rows] == [row.item_id for row in second.rows]
    async with story.office.db.read() as session:
        assert await audit.verify(session) == []


async def test_a_trial_keeps_no_writer_waiting(story: OfficeStory) -> None:
    given = rows(*(str(number) for number in range(BATCH + 1)))

    async def write(done: int, _total: int) -> None:
        if done == BATCH:
            await story.item("event")

    await take_in(story, *given, dry_run=True, progress=write)
    assert await count(story) == 1


async def test_each_import_and_each_item_is_in_the_audit_log(story: OfficeStory) -> None:
    await take_in(story, *rows("a", "b"))
    async with story.office.db.read() as session:
        acts = [event.act async for event in audit.events(session)]
        assert await audit.verify(session) == []
    assert acts[-3:] == ["item.create", "item.create", "item.import"]


async def test_a_file_beside_the_import_that_bears_a_mark_is_not_stored(
    story: OfficeStory, tmp_path: Path
) -> None:
    (row,) = rows("a")
    beside = tmp_path / "attachments" / "a" / "批复.docx"
    beside.parent.mkdir(parents=True)
    beside.write_bytes(comment("机密★10年"))
    for dry_run in (True, False):
        report = await take_in(story, {**row, "attachments": ["批复.docx"]}, folder=tmp_path, dry_run=dry_run)
        assert [one.outcome for one in report.rows] == [RowOutcome.REJECTED]
        assert ["密级标志" in error.message for error in report.rows[0].errors] == [True]
    assert [path for path in story.office.media.folder.rglob("*") if path.is_file()] == []
