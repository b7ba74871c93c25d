"""A long import that is stopped, politely or not, is gone on with by the same file."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from outreach.foundation import audit
from outreach.items.model import Item
from tests.builders import OfficeStory
from tests.items.builders import item as sample
from tests.processes import Installation
from tests.waiting import eventually

ROWS = 3000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_what_was_stored_before_a_stop_is_whole_and_the_rest_comes_in_later(
    installation: Installation, story: OfficeStory, tmp_path: Path, number: signal.Signals
) -> None:
    rows = [sample("penalty", source_id=f"p-{place}", attachments=[]) for place in range(ROWS)]
    await story.section(rows[0]["section"])
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))

    async with installation.running("import", str(path)) as command:

        async def is_under_way() -> bool:
            return f"已处理 1000／{ROWS} 行" in command.told()

        await eventually(is_under_way)
        await command.end(number)
        if number is signal.SIGINT:
            assert "再次导入同一文件，只会导入余下的。" in command.told()
        assert "Traceback" not in command.told()

    stored = await count(story)
    assert 1000 <= stored <= ROWS
    code, told = await installation.command("import", str(path))
    assert code == 0
    assert told.splitlines()[-1] == (
        f"已导入 {ROWS - stored} 条，已有，未改动 {stored} 条。"
        if stored < ROWS
        else f"已有，未改动 {ROWS} 条。"
    )
    assert await count(story) == ROWS
    async with story.office.db.read() as session:
        assert await audit.verify(session) == []


async def count(story: OfficeStory) -> int:
    async with story.office.db.read() as session:
        return (await session.execute(select(func.count(Item.id)))).scalar_one()
