from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

from outreach.cli import app
from tests.cli.conftest import Shell


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*path, name))


ALL = list(_commands(typer.main.get_command(app)))
CHINESE = r"[一-鿿]"


@pytest.fixture
def database_server() -> None:
    """Nothing here needs a database."""


@pytest.fixture
def outreach(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home", f"sqlite+aiosqlite:///{tmp_path / 'never.sqlite'}")


@pytest.mark.parametrize("command", ALL, ids=" ".join)
async def test_every_command_says_in_chinese_what_it_does(outreach: Shell, command: tuple[str, ...]) -> None:
    result = await outreach(*command, "--help")
    assert "--help" in result.stdout
    assert any("一" <= sign <= "鿿" for sign in result.stdout)
    assert not outreach.home.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["import"],
        ["import", "no-such-file.jsonl"],
        ["screen", "no-such-file.jsonl"],
        ["aqi"],
        ["aqi", "no-such-file.jsonl"],
        ["aqi", "-", "--standard", "2013"],
        ["user", "add", "somebody"],
        ["user", "add", "somebody", "--role", "emperor"],
        ["account", "add", "--channel", "fax", "--name", "x"],
        ["stats", "monthly"],
        ["stats", "monthly", "2026-10", "--format", "pdf"],
        ["stats", "monthly", "2026-13"],
        ["sandbox", "--port", "65536"],
        ["serve", "--demo"],
        ["worker", "no-such-queue"],
        ["audit", "verify", "--no-such-option"],
    ],
    ids=" ".join,
)
async def test_wrong_use_ends_with_2(outreach: Shell, arguments: list[str]) -> None:
    result = await outreach(*arguments, fails=2)
    assert result.stdout == ""
    assert result.stderr


async def test_a_worker_without_a_service_to_join_says_so_in_one_sentence(outreach: Shell) -> None:
    result = await outreach("worker", fails=1)
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert "OUTREACH_REDIS_URL" in sentence
    assert "outreach serve" in sentence


async def test_it_runs_as_a_module_and_as_a_command(tmp_path: Path) -> None:
    installed = Path(sys.executable).with_name("outreach")
    for command in ([sys.executable, "-m", "outreach"], [str(installed)]):
        process = await asyncio.create_subprocess_exec(
            *command, "--help", cwd=tmp_path, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert (process.returncode, "serve" in output.decode()) == (0, True)
    assert list(tmp_path.iterdir()) == []
