"""A job while the ground is missing: it is put off with one line, and the next sweep tries again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog

from outreach.foundation.queue import Queue, redis_settings
from outreach.office.context import open_office
from tests.conftest import settings_for
from tests.grounds import absent_postgresql
from workers.periodic import sweep
from workers.publish import deliver_due


@pytest.mark.parametrize("job", [sweep, deliver_due])
async def test_a_database_that_is_away_puts_a_job_off_with_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    job: object,
) -> None:
    office = open_office(settings_for(tmp_path, absent_postgresql()))
    queue = Queue(redis_settings(office.settings))
    monkeypatch.setattr("workers.context.log", structlog.get_logger())
    with structlog.testing.capture_logs() as lines:
        await job({"office": office, "queue": queue, "worker": "a worker", "stop": asyncio.Event()})  # type: ignore[operator]
    (line,) = lines
    assert (line["event"], line["log_level"], "exc_info" in line) == ("job_postponed", "warning", False)
    assert line["reason"].startswith("连不上数据库")
    assert "not-to-be-seen" not in line["reason"]
    await office.close()
