"""/healthz and /readyz: what machines ask the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from outreach.foundation import clock
from outreach.office.context import Office, open_office
from outreach.settings import Settings
from outreach.web.app import create_app
from tests.builders import OfficeStory
from tests.conftest import settings_for


class Workers:
    """The queue as /readyz and /metrics ask it."""

    def __init__(self, *, redis: bool = True, **alive: bool) -> None:
        self._redis = redis
        self._alive = alive

    async def ping(self) -> bool:
        return self._redis

    async def heartbeats(self) -> Mapping[str, bool]:
        return self._alive

    async def lengths(self) -> Mapping[str, int]:
        return dict.fromkeys(self._alive, 7) if self._redis else {}


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    opened = open_office(settings)
    yield opened
    await opened.close()


@asynccontextmanager
async def serving(office: Office, **options: Any) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(create_app(office, **options))) as client:
        yield client


async def ready(
    office: Office, queue: Workers | None = None, startup: Callable[[], bool] | None = None
) -> tuple[int, dict[str, bool]]:
    async with serving(office, queue=queue, startup=startup) as client, client.get("/readyz") as response:
        answer = await response.json()
        assert answer["ready"] is (response.status == 200)
        return response.status, answer["checks"]


async def test_it_is_ready_when_everything_is_in_order(office: Office, story: OfficeStory) -> None:
    await story.item().planned()
    status, checks = await ready(office, Workers(publish=True, periodic=True), lambda: True)
    assert (status, set(checks)) == (
        200, {"database", "migrations", "redis", "worker:publish", "worker:periodic", "start"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("queue", "started", "missing"),
    [
        (Workers(redis=False, publish=True, periodic=True), True, "redis"),
        (Workers(publish=True, periodic=False), True, "worker:periodic"),
        (Workers(publish=True, periodic=True), False, "start"),
    ],
)
async def test_it_is_not_ready_while_anything_is_missing(
    office: Office, story: OfficeStory, queue: Workers, started: bool, missing: str
) -> None:
    await story.item().planned()
    status, checks = await ready(office, queue, lambda: started)
    assert (status, [name for name, fine in checks.items() if not fine]) == (503, [missing])


async def test_where_nothing_is_to_be_done_no_worker_is_missed(office: Office, story: OfficeStory) -> None:
    nobody = Workers(publish=False, periodic=False)
    assert (await ready(office, nobody))[0] == 200
    await story.item().planned(at=clock.now() + timedelta(hours=1))
    assert await ready(office, nobody) == (503, ANY)
    assert (await ready(office, Workers(publish=False, periodic=True)))[0] == 200


async def test_it_is_not_ready_on_an_older_database(office: Office) -> None:
    async with office.db.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    status, checks = await ready(office)
    assert (status, checks["database"], checks["migrations"]) == (503, True, False)


async def test_it_is_not_ready_without_its_database(tmp_path: Any) -> None:
    nowhere = settings_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'outreach.sqlite'}")
    office = open_office(nowhere)
    status, checks = await ready(office)
    assert (status, checks["database"]) == (503, False)
    async with serving(office) as client, client.get("/healthz") as response:
        assert response.status == 200
    await office.close()
