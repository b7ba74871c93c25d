from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from arq.connections import RedisSettings

from outreach.foundation import clock
from outreach.foundation.children import stop_child
from outreach.foundation.queue import QUEUES, Queue, redis_settings
from outreach.foundation.redis_server import answers, socket_path, start_server
from outreach.settings import Settings


@asynccontextmanager
async def running(home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await start_server(home)
    yield process
    await stop_child(process, patience_s=5)


async def test_it_listens_on_a_private_socket_only(tmp_path: Path) -> None:
    async with running(tmp_path):
        path = socket_path(tmp_path)
        assert answers(path)
        assert path.stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700
    assert not answers(path)


async def test_a_long_home_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("很长的目录" * 10)
    home.mkdir()
    async with running(home):
        assert answers(socket_path(home))
        assert len(str(socket_path(home)).encode()) <= 100
    shutil.rmtree(socket_path(home).parent)


async def test_one_that_a_killed_run_left_behind_is_ended(tmp_path: Path) -> None:
    left = await start_server(tmp_path)
    async with running(tmp_path) as process:
        await asyncio.wait_for(left.wait(), 10)
        assert process.returncode is None
        assert answers(socket_path(tmp_path))


async def test_a_socket_without_a_server_hinders_nothing(tmp_path: Path) -> None:
    left = await start_server(tmp_path)
    left.kill()
    await left.wait()
    assert socket_path(tmp_path).exists()
    async with running(tmp_path):
        assert answers(socket_path(tmp_path))


async def test_where_redis_is_away_waking_changes_nothing_and_nobody_seems_alive(tmp_path: Path) -> None:
    queue = Queue(redis_settings(Settings(home=tmp_path)))
    await queue.wake()
    assert not await queue.ping()
    assert await queue.heartbeats() == dict.fromkeys(QUEUES, False)
    await queue.close()


async def test_the_queue_finds_a_server_that_came_back(tmp_path: Path) -> None:
    queue = Queue(redis_settings(Settings(home=tmp_path)))
    async with running(tmp_path):
        assert await queue.ping()
    assert not await queue.ping()
    async with running(tmp_path):
        assert await queue.ping()
        await queue.deliver_at(clock.now(), "deliver:1")
    await queue.close()


def test_a_redis_of_others_is_taken_from_its_url(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, OUTREACH_REDIS_URL="redis://127.0.0.1:6399/3")
    assert redis_settings(settings) == RedisSettings(host="127.0.0.1", port=6399, database=3)
