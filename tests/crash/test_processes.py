"""Who starts whom, who ends with whom."""

from __future__ import annotations

import signal
import socket

import pytest

from outreach.channels.model import AccountType, ChannelName
from outreach.channels.service import add_account
from outreach.foundation.audit import COMMAND_LINE
from outreach.foundation.redis_server import answers, socket_path
from outreach.settings import RUN_NOTE
from tests.builders import OfficeStory
from tests.crash.test_publishing import is_out
from tests.processes import REDIS, SANDBOX, WORKER, Installation, gone, status_of
from tests.servers import Sqlite
from tests.waiting import eventually


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What is tried here is the same on any database."""
    return sqlite


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_with_all_its_children(
    installation: Installation, number: signal.Signals
) -> None:
    async with installation.serving("--sandbox") as service:
        children = service.children()
        assert {service.child(one).pid for one in (WORKER, SANDBOX, REDIS)} <= {one.pid for one in children}
        assert await service.end(number) == 0
        assert await gone(children)
    assert await status_of(f"{installation.url}/healthz") is None
    assert not answers(socket_path(installation.home))
    assert not (installation.home / RUN_NOTE).exists()
    assert "Traceback" not in service.told()


async def test_a_second_service_on_the_same_home_is_refused_and_the_first_goes_on(
    installation: Installation,
) -> None:
    async with installation.serving("--sandbox") as service:
        second = Installation(installation.home, {})
        code, told = await second.command("serve", "--sandbox")
        assert (code, len(told.splitlines())) == (1, 1)
        assert "已有一个 outreach serve" in told
        assert service.process.returncode is None
        assert await status_of(f"{installation.url}/readyz") == 200


async def test_killed_it_takes_its_children_along_and_hinders_no_next_start(
    installation: Installation,
) -> None:
    async with installation.serving("--sandbox") as service:
        children = service.children()
        service.process.kill()
        await service.process.wait()
        await eventually(lambda: gone(children))
    async with installation.serving("--sandbox") as service:
        assert await status_of(f"{installation.url}/healthz") == 200
        assert "Traceback" not in service.told()


async def test_a_child_that_dies_is_started_again(installation: Installation) -> None:
    async with installation.serving("--sandbox") as service:
        before = {child.pid for child in service.children()}
        for one in (WORKER, SANDBOX, REDIS):
            service.child(one).kill()
        await eventually(lambda: _are_new(before, service.children()))
        await installation.until_the_sandbox_answers()
        await installation.until_ready(service)


async def _are_new(before: set[int], children: list[object]) -> bool:
    now = {child.pid for child in children}  # type: ignore[attr-defined]
    return len(now) == len(before) and not now & before


async def test_a_port_in_use_is_told_in_one_sentence(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        code, told = await installation.command("serve")
    assert code == 1
    assert f"端口 {installation.port} 已被占用" in told.splitlines()[-1]
    assert "Traceback" not in told


async def test_the_sandbox_is_refused_where_there_are_accounts_of_ones_own(
    installation: Installation, story: OfficeStory
) -> None:
    credentials = {
        "appid": "wx14ea0ad7a56ed6bc",
        "secret": "ea51c8dd044fbc918493404d6e556308",
        "token": "abc",
    }
    async with story.office.db.begin() as session:
        await add_account(
            session,
            story.office.sealer,
            COMMAND_LINE,
            channel=ChannelName.WECHAT,
            name="正式账号",
            type_=AccountType.SERVICE,
            verified=True,
            credentials=credentials,
        )
    code, told = await installation.command("serve", "--sandbox")
    assert (code, "正式账号" in told) == (1, True)


async def test_workers_of_their_own_join_a_service_without_any(
    installation: Installation, story: OfficeStory
) -> None:
    async with installation.running("serve", "--no-workers", "--sandbox"):
        await installation.until_the_sandbox_answers()
        item = await story.item().planned((await story.accounts())[1])
        async with (
            installation.running("worker", "publish"),
            installation.running("worker", "periodic") as worker,
        ):
            await eventually(lambda: is_out(story, item))
            assert await worker.end() == 0
        code, _ = await installation.command("worker", "no-such-queue")
        assert code == 2


async def test_a_command_finds_its_running_service_by_home_alone(installation: Installation) -> None:
    async with installation.serving("--sandbox"):
        for name in ("OUTREACH_PORT", "OUTREACH_SANDBOX_PORT"):
            del installation.environment[name]
        code, told = await installation.command("doctor")
        assert code == 1
        assert {"✔ 数据库", "✔ 队列", "✔ 对外地址", "✔ 审计链", "✔ 计数"} <= set(told.splitlines())
