"""What pages, API and machines are told while the disk is full or the database is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event

from outreach.office.context import Office, open_office
from outreach.people.model import Role
from outreach.web.app import create_app
from tests.conftest import settings_for
from tests.grounds import absent_postgresql
from tests.servers import Sqlite
from tests.web.conftest import QUICK, Browser, hire


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """A disk is filled here by SQLite's own limit."""
    return sqlite


@pytest.fixture
async def without_database(tmp_path: Path) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """The application, whose PostgreSQL isn't there."""
    office = open_office(settings_for(tmp_path, absent_postgresql()))
    async with TestClient(TestServer(create_app(office, passwords=QUICK))) as client:
        yield client
    await office.close()


@pytest.mark.parametrize("path", ["/login", "/p/01ARZ3NDEKTSV4RRFFQ69G5FAV"])
async def test_pages_say_that_the_database_is_away(
    without_database: TestClient,  # type: ignore[type-arg]
    path: str,
) -> None:
    async with without_database.get(path) as response:
        text = await response.text()
    assert (response.status, "连不上数据库" in text) == (503, True)
    assert "127.0.0.1" not in text


async def test_the_api_says_it_as_a_problem(without_database: TestClient) -> None:  # type: ignore[type-arg]
    headers = {"Authorization": "Bearer something"}
    async with without_database.get("/api/v1/items", headers=headers) as response:
        problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["type"]) == (503, "/problems/database-away")


async def test_it_is_alive_but_not_ready(without_database: TestClient) -> None:  # type: ignore[type-arg]
    async with without_database.get("/healthz") as response:
        assert response.status == 200
    async with without_database.get("/readyz") as response:
        assert (response.status, (await response.json())["checks"]["database"]) == (503, False)


async def test_a_full_disk_is_told_and_what_was_refused_is_not_there(
    office: Office, browser: Browser
) -> None:
    await hire(office, "管理员", Role.ADMIN)
    await browser.sign_in("管理员")
    await browser.get("/sections")
    await _grow_no_more(office)
    for number in range(200):
        page = await browser.post("/sections", name=f"第{number}科")
        if page.status != 200:
            break
    assert (page.status, "磁盘已满，这一步没有保存" in page.text) == (507, True)
    listed = (await browser.get("/sections")).text
    assert [f"第{one}科" in listed for one in range(number + 1)] == [True] * number + [False]


async def _grow_no_more(office: Office) -> None:
    """From now on the database's file keeps its size: SQLite then fails as on a full disk."""

    def limit(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    await office.db.close()
    event.listen(office.db.writers.sync_engine, "connect", limit)
