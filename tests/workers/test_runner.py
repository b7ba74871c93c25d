"""The workers as they run: on a real Redis, which may lose everything at any time."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis.asyncio
from sqlalchemy import text

from outreach.channels.model import Account, ChannelName
from outreach.foundation import clock
from outreach.foundation.children import stop_child
from outreach.foundation.queue import QUEUES, Queue, redis_settings
from outreach.foundation.redis_server import socket_path, start_server
from outreach.items.model import Item
from outreach.office.context import Office
from outreach.publishing.model import PostState
from tests.builders import OfficeStory
from tests.sandbox.platform import Platform
from tests.waiting import eventually
from tests.workers.desk import SHARE, counted, shown
from workers.periodic import sweep
from workers.runner import run_workers


@pytest.fixture
async def redis_process(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await start_server(tmp_path)
    yield process
    await stop_child(process, patience_s=5)


@pytest.fixture
async def queue(office: Office, redis_process: asyncio.subprocess.Process) -> AsyncIterator[Queue]:
    opened = Queue(redis_settings(office.settings))
    yield opened
    await opened.close()


@pytest.fixture
async def weibo(story: OfficeStory) -> Account:
    return (await story.accounts())[1]


@asynccontextmanager
async def working(office: Office) -> AsyncIterator[None]:
    """Workers of every queue, ended as a signal would."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_workers(office, QUEUES, stop))
    yield
    stop.set()
    await asyncio.wait_for(running, 20)


async def is_out(story: OfficeStory, item: Item) -> bool:
    return {post.state for post in await story.posts(item)} == {PostState.PUBLISHED}


async def test_a_post_goes_out_when_the_workers_are_woken(
    story: OfficeStory, sandbox: Platform, queue: Queue, weibo: Account
) -> None:
    async with working(story.office):
        assert await eventually(lambda: _all_alive(queue))
        item = await story.item().planned(weibo)
        await queue.wake()
        await eventually(lambda: is_out(story, item))
    assert len(await shown(sandbox, ChannelName.WEIBO)) == await counted(story) == 1


async def test_who_needs_redis_first_at_the_same_moment_leaves_no_connection_behind(
    office: Office, queue: Queue
) -> None:
    client = redis.asyncio.Redis(unix_socket_path=str(socket_path(office.settings.home)))

    async def nobody_else_is_connected() -> bool:
        return len(await client.client_list()) == 1

    await asyncio.gather(*(queue.wake() for _ in range(5)))
    await queue.close()
    assert await eventually(nobody_else_is_connected)
    await client.aclose()


async def test_the_sweep_finds_what_nobody_was_woken_for(
    story: OfficeStory, sandbox: Platform, queue: Queue
) -> None:
    item = await story.item().planned(*(await story.accounts())[:2])
    async with working(story.office):
        await eventually(lambda: is_out(story, item))
    assert (len(await shown(sandbox, ChannelName.WECHAT)), await counted(story)) == (1, 2)


async def test_a_post_for_later_goes_out_at_its_time(
    story: OfficeStory, sandbox: Platform, queue: Queue, weibo: Account
) -> None:
    due = clock.now() + timedelta(seconds=1.5)
    item = await story.item().planned(weibo, at=due)
    async with working(story.office):
        await eventually(lambda: is_out(story, item))
    (request,) = [call for call in await sandbox.control("requests") if call["path"] == SHARE]
    assert request["at"] >= due.timestamp()


async def test_redis_loses_everything_again_and_again(
    story: OfficeStory, sandbox: Platform, queue: Queue, weibo: Account
) -> None:
    client = redis.asyncio.Redis(unix_socket_path=str(socket_path(story.office.settings.home)))
    async with working(story.office):
        items = []
        for number in range(5):
            items.append(await story.item(title=f"第{number}号行政处罚决定公示").planned(weibo))
            await queue.wake()
            await client.flushall()
        for item in items:
            await eventually(lambda item=item: is_out(story, item))  # type: ignore[misc]
    await client.aclose()
    assert len(await shown(sandbox, ChannelName.WEIBO)) == await counted(story) == len(items)


async def test_redis_is_killed_and_its_folder_deleted(
    story: OfficeStory,
    sandbox: Platform,
    queue: Queue,
    weibo: Account,
    redis_process: asyncio.subprocess.Process,
) -> None:
    home = story.office.settings.home
    async with working(story.office):
        await eventually(lambda: _all_alive(queue))
        redis_process.kill()
        await redis_process.wait()
        shutil.rmtree(home / "redis")
        item = await story.item().planned(weibo)
        await queue.wake()
        again = await start_server(home)
        await eventually(lambda: is_out(story, item))
        assert await eventually(lambda: _all_alive(queue))
    await stop_child(again, patience_s=5)
    assert len(await shown(sandbox, ChannelName.WEIBO)) == 1


async def test_a_delivery_outlives_its_redis_and_the_next_one_follows(
    story: OfficeStory,
    sandbox: Platform,
    queue: Queue,
    weibo: Account,
    redis_process: asyncio.subprocess.Process,
) -> None:
    first = await story.item(title="第一号行政处罚决定公示").planned(weibo)
    await sandbox.control("faults", {"path": SHARE, "action": "delay", "value": 1, "times": 1})
    async with working(story.office):
        await eventually(lambda: _is_sending(story, first))
        redis_process.kill()
        await redis_process.wait()
        await eventually(lambda: is_out(story, first))
        again = await start_server(story.office.settings.home)
        second = await story.item(title="第二号行政处罚决定公示").planned(weibo)
        await eventually(lambda: is_out(story, second))
    await stop_child(again, patience_s=5)
    assert len(await shown(sandbox, ChannelName.WEIBO)) == await counted(story) == 2


async def test_workers_that_are_told_to_stop_finish_what_they_began_and_begin_nothing_new(
    story: OfficeStory, sandbox: Platform, queue: Queue, weibo: Account
) -> None:
    begun = await story.item(title="第一号行政处罚决定公示").planned(weibo)
    due_as_well = await story.item(title="第二号行政处罚决定公示").planned(weibo)
    await sandbox.control("faults", {"path": SHARE, "action": "delay", "value": 1, "times": 1})
    async with working(story.office):
        await eventually(lambda: _is_sending(story, begun))
    assert await is_out(story, begun)
    assert (await story.post(due_as_well)).state is PostState.PLANNED


async def _all_alive(queue: Queue) -> bool:
    return all((await queue.heartbeats()).values())


async def _is_sending(story: OfficeStory, item: Item) -> bool:
    return (await story.post(item)).state is PostState.SENDING


MANY = 5000


@pytest.mark.parametrize("database_server", ["postgresql"], indirect=True)
async def test_a_sweep_reads_nothing_of_what_is_out_long_ago(story: OfficeStory, queue: Queue) -> None:
    """Also where it has come so often that the server plans its statements once for all."""
    office = story.office
    await story.item().published()
    writing = office.db.engine.execution_options(outreach_writes=True)
    async with writing.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        clone = "jsonb_populate_record(post, jsonb_build_object('id', 'p' || n, 'item_id', 'i' || n))"
        await connection.execute(
            text(f"INSERT INTO post SELECT ({clone}).* FROM post, generate_series(1, {MANY}) AS n")
        )
        await connection.execute(text("ANALYZE post"))
        await connection.execute(text("SELECT pg_stat_reset()"))
    ctx = {"office": office, "queue": queue, "worker": "w", "deliveries": None, "stop": asyncio.Event()}
    for _ in range(12):
        await sweep(ctx)
    await office.db.engine.dispose()  # whoever leaves has told what it read
    looked_up, read_through = await eventually(lambda: scans_of_posts(office))
    assert looked_up
    assert read_through < MANY


async def scans_of_posts(office: Office) -> tuple[int, int] | None:
    """How often an index was asked for posts, and how many were read without one; None before anybody has told."""
    query = "SELECT idx_scan, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'post' AND idx_scan > 0"
    async with office.db.read() as session:
        row = (await session.execute(text(query))).first()
    return (row[0], row[1]) if row else None
