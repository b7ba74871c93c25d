"""The long-running commands on bad ground: each says in one sentence what is missing, and leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outreach.foundation.redis_server import answers, socket_path
from outreach.settings import RUN_NOTE
from tests.grounds import absent_postgresql, disk, enlarge, nobodys_port
from tests.processes import Installation
from tests.servers import Sqlite

PROCESSES = ("serve", "worker", "sandbox")


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What is tried here is the same on any database."""
    return sqlite


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Somebody else listens there."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield


async def sentence_of(installation: Installation, *arguments: str) -> str:
    """The one line that the command ends with."""
    code, told = await installation.command(*arguments)
    assert code == 1, told
    (sentence,) = told.splitlines()
    assert sentence.endswith("。")
    return sentence


@pytest.mark.parametrize("command", PROCESSES)
async def test_a_home_that_can_not_be_made_is_told(
    installation: Installation, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").write_text("")
    installation.environment["OUTREACH_HOME"] = str(tmp_path / "file" / "home")
    installation.environment["OUTREACH_REDIS_URL"] = f"redis://127.0.0.1:{nobodys_port()}"
    assert "不能写入：路径中有一段不是文件夹。" in await sentence_of(installation, command)


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_redis_that_is_not_there_is_told(installation: Installation, command: str) -> None:
    port = nobodys_port()
    installation.environment["OUTREACH_REDIS_URL"] = f"redis://:not-to-be-seen@127.0.0.1:{port}/0"
    sentence = await sentence_of(installation, command)
    assert sentence.startswith(f"连不上 Redis 127.0.0.1:{port}：那里没有服务在运行。")
    assert not (installation.home / RUN_NOTE).exists()


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_redis_url_that_is_none_is_told(installation: Installation, command: str) -> None:
    installation.environment["OUTREACH_REDIS_URL"] = "http://:not-to-be-seen@127.0.0.1"
    sentence = await sentence_of(installation, command)
    assert sentence.startswith("OUTREACH_REDIS_URL 不对")
    assert "not-to-be-seen" not in sentence


async def test_a_postgresql_that_is_not_there_is_told(installation: Installation) -> None:
    installation.environment["OUTREACH_DATABASE_URL"] = absent_postgresql()
    assert "那里没有服务在运行" in await sentence_of(installation, "serve", "--sandbox", "--demo")
    assert not (installation.home / RUN_NOTE).exists()
    assert not answers(socket_path(installation.home))


@pytest.mark.parametrize("options", [["serve"], ["serve", "--sandbox", "--demo"]])
async def test_a_port_in_use_is_told_before_anything_is_begun(
    installation: Installation, options: list[str]
) -> None:
    installation.environment["OUTREACH_DATABASE_URL"] = ""
    with taken(installation.port):
        sentence = await sentence_of(installation, *options)
    assert sentence == f"端口 {installation.port} 已被占用，请关闭占用它的程序，或设置 OUTREACH_PORT。"
    assert [path.name for path in installation.home.iterdir()] == ["serve.lock"]


@pytest.mark.parametrize("options", [["sandbox"], ["serve", "--sandbox", "--demo"]])
async def test_a_sandbox_port_in_use_is_told(installation: Installation, options: list[str]) -> None:
    with taken(installation.sandbox_port):
        sentence = await sentence_of(installation, *options)
    assert sentence.startswith(f"端口 {installation.sandbox_port} 已被占用")
    assert sentence.endswith("OUTREACH_SANDBOX_PORT。")


async def test_a_host_of_another_machine_is_told(installation: Installation) -> None:
    installation.environment["OUTREACH_HOST"] = "192.0.2.1"
    assert "OUTREACH_HOST（192.0.2.1）不是本机的地址。" in await sentence_of(installation, "serve")


async def test_another_secret_key_is_told(installation: Installation) -> None:
    await installation.command("section", "add", "法规与标准科")
    installation.environment["OUTREACH_SECRET_KEY"] = "another machine's key"
    assert "SECRET_KEY" in await sentence_of(installation, "serve")


async def test_a_full_disk_is_told_and_the_next_start_succeeds(installation: Installation) -> None:
    """It becomes full while the demo is loaded: what is there then is whole, and the next start goes on."""
    installation.environment["OUTREACH_DATABASE_URL"] = ""
    with disk(installation.home, kib=2048):
        code, told = await installation.command("serve", "--sandbox", "--demo")
        assert (code, "磁盘" in told.splitlines()[-1], "Traceback" in told) == (1, True, False), told
        assert not (installation.home / RUN_NOTE).exists()
        enlarge(installation.home, kib=64 * 1024)
        async with installation.serving("--sandbox", "--demo") as service:
            assert "Traceback" not in service.told()
            code, told = await installation.command("audit", "verify")
            assert (code, told) == (0, "审计链完整。\n")


async def test_a_sandbox_without_room_says_so(installation: Installation) -> None:
    with disk(installation.home, kib=16):
        assert (await sentence_of(installation, "sandbox")).startswith("磁盘已满")
