"""What a machine may lack, told by every command in one sentence, and nothing half-made left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from outreach.cli import app
from tests.cli.conftest import Shell
from tests.grounds import absent_postgresql, disk, enlarge
from tests.servers import Postgres, Server, Sqlite

ITEMS = Path(__file__).resolve().parents[2] / "outreach" / "demo" / "items.jsonl"
FIGURES = Path(__file__).parents[1] / "statistics" / "data" / "annual_figures.json"
COMMANDS = {
    "user add": ["某人", "--role", "editor"],
    "token": ["某人"],
    "section add": ["法规与标准科"],
    "section list": [],
    "account add": ["--channel", "weibo", "--name", "微博"],
    "account list": [],
    "account check": [],
    "import": [str(ITEMS)],
    "stats monthly": ["2026-10"],
    "stats yearly": ["2026"],
    "stats verify": [],
    "report annual": ["2020", "--format", "json"],
    "report import-figures": ["2020", str(FIGURES)],
    "followers sync": [],
    "audit verify": [],
    "audit export": [],
    "db upgrade": [],
    "db check": [],
    "demo load": [],
    "doctor": [],
}
PROCESSES = {"serve", "worker", "sandbox"}
NEED_NO_DATABASE = {"aqi", "screen"}


def _leaves(command: object, path: str = "") -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path
    else:
        for name, one in inner.items():
            yield from _leaves(one, f"{path} {name}".strip())


@pytest.fixture
def database_server(sqlite: Sqlite) -> Sqlite:
    """What is tried here is the same on any database, where a test doesn't say otherwise."""
    return sqlite


async def sentence_of(outreach: Shell, command: str) -> str:
    """The one line that the command ends with."""
    result = await outreach(*command.split(), *COMMANDS[command], stdin="{}", fails=1)
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert sentence.endswith("。")
    return str(sentence)


def test_no_command_is_left_out() -> None:
    assert set(_leaves(typer.main.get_command(app))) == {*COMMANDS, *PROCESSES, *NEED_NO_DATABASE}


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_home_that_can_not_be_made_is_told(outreach: Shell, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    outreach.environment["OUTREACH_HOME"] = str(tmp_path / "file" / "home")
    sentence = await sentence_of(outreach, command)
    assert f"数据目录 {tmp_path / 'file' / 'home'} 不能写入：路径中有一段不是文件夹。" in sentence


async def test_a_home_that_can_only_be_read_is_told(outreach: Shell) -> None:
    with disk(outreach.home, kib=64, read_only=True):
        assert "不能写入：文件系统是只读的。" in await sentence_of(outreach, "db upgrade")


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_postgresql_that_is_not_there_is_told(outreach: Shell, command: str) -> None:
    outreach.environment["OUTREACH_DATABASE_URL"] = absent_postgresql()
    sentence = await sentence_of(outreach, command)
    assert sentence.startswith("连不上数据库 127.0.0.1:")
    assert "那里没有服务在运行" in sentence
    assert "not-to-be-seen" not in sentence


async def test_a_host_that_nobody_knows_is_told(outreach: Shell) -> None:
    outreach.environment["OUTREACH_DATABASE_URL"] = "postgresql+asyncpg://a:b@no-such-host.invalid/outreach"
    assert "no-such-host.invalid/outreach：找不到这台主机。" in await sentence_of(outreach, "db upgrade")


@pytest.mark.parametrize(
    ("user", "database", "told"),
    [("stranger", "postgres", "用户名或密码不对"), ("postgres", "no_such_database", "没有这个数据库")],
)
async def test_a_postgresql_that_does_not_let_us_in_is_told(
    outreach: Shell, postgresql: Postgres, user: str, database: str, told: str
) -> None:
    url = postgresql.url(database).replace("postgres@", f"{user}:wrong-password@", 1)
    outreach.environment["OUTREACH_DATABASE_URL"] = url
    sentence = await sentence_of(outreach, "db upgrade")
    assert told in sentence
    assert "wrong-password" not in sentence


@pytest.mark.parametrize("url", ["mysql+aiomysql://a:secret@b/c", "postgresql://a:secret@b/c", "secret"])
async def test_a_database_of_another_kind_is_told(outreach: Shell, url: str) -> None:
    outreach.environment["OUTREACH_DATABASE_URL"] = url
    sentence = await sentence_of(outreach, "db upgrade")
    assert sentence.startswith("OUTREACH_DATABASE_URL 不对")
    assert "secret" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "http", "OUTREACH_PORT 的值不对：应为数字"),
        ("PORT", "65536", "OUTREACH_PORT 的值不对：不能大于 65535"),
        ("LOOKUP_AFTER_S", "-1", "OUTREACH_LOOKUP_AFTER_S 的值不对：不能小于 0"),
        ("LOG_FORMAT", "xml", "OUTREACH_LOG_FORMAT 的值不对：只能是"),
        ("TIMEZONE", "Mars/Phobos", "OUTREACH_TIMEZONE 的值不对：没有这个时区"),
        ("TIMEZONE", "Asia", "OUTREACH_TIMEZONE 的值不对：没有这个时区"),
        ("REDIS_URL_FILE", "/no/such/file", "读不到 OUTREACH_REDIS_URL_FILE 指定的文件 /no/such/file"),
        ("REDIS_URL_FILE", "/dev/null", "OUTREACH_REDIS_URL_FILE 指定的文件 /dev/null 是空的"),
    ],
)
async def test_a_wrong_setting_is_told_by_its_name(outreach: Shell, name: str, value: str, told: str) -> None:
    outreach.environment[f"OUTREACH_{name}"] = value
    assert told in await sentence_of(outreach, "db upgrade")
    assert not outreach.home.exists()


@pytest.mark.parametrize("kib", [8, 256])
async def test_a_full_disk_is_told_and_the_next_try_succeeds(outreach: Shell, kib: int) -> None:
    del outreach.environment["OUTREACH_SECRET_KEY"], outreach.environment["OUTREACH_DEMO_PASSWORD"]
    outreach.environment["OUTREACH_DATABASE_URL"] = f"sqlite+aiosqlite:///{outreach.home}/outreach.sqlite"
    with disk(outreach.home, kib=kib):
        for command in ("user add", "import", "demo load"):
            assert "磁盘" in await sentence_of(outreach, command)
        drafts = [path.name for path in outreach.home.rglob(".*")]
        assert drafts == []
        enlarge(outreach.home, kib=64 * 1024)
        await outreach("user", "add", "某人", "--role", "editor")
        await outreach("demo", "load")
        await outreach("demo", "load")
        for command in ("audit verify", "stats verify", "db check"):
            await outreach(*command.split())


async def test_an_import_that_fills_the_disk_keeps_what_it_said_and_repeats_nothing(outreach: Shell) -> None:
    """Rows go in by batches, each whole; a second import of the same numbers adds only what is missing."""
    outreach.environment["OUTREACH_DATABASE_URL"] = f"sqlite+aiosqlite:///{outreach.home}/outreach.sqlite"
    rows = [json.loads(line) for line in ITEMS.read_text("utf-8").splitlines()]
    (outreach.home.parent / "many.jsonl").write_text(
        "".join(
            json.dumps({**row, "source_id": f"{row['source_id']}-{turn}", "attachments": []}, ensure_ascii=False) + "\n"
            for turn in range(20)
            for row in rows
        )
    )  # fmt: skip
    with disk(outreach.home, kib=3072):
        await outreach.fill_sections(*dict.fromkeys(row["section"] for row in rows))
        result = await outreach("import", outreach.home.parent / "many.jsonl", fails=1)
        assert "磁盘" in result.stderr
        enlarge(outreach.home, kib=64 * 1024)
        result = await outreach("import", outreach.home.parent / "many.jsonl", "--json")
        outcomes = [json.loads(line)["outcome"] for line in result.stdout.splitlines()]
        assert set(outcomes) == {"unchanged", "created"}
        assert len(outcomes) == 20 * len(rows)
        await outreach("audit", "verify")


async def test_figures_are_written_whole_or_not_at_all(outreach: Shell, tmp_path: Path) -> None:
    await outreach("stats", "monthly", "2026-10", "-o", tmp_path / "figures.tsv")
    before = (tmp_path / "figures.tsv").read_bytes()
    with disk(tmp_path / "full", kib=4):
        (tmp_path / "full" / "filling").write_bytes(b"x" * 4096)
        result = await outreach(
            "stats", "monthly", "2026-10", "-o", tmp_path / "full" / "figures.tsv", fails=1
        )
        assert "磁盘已满" in result.stderr
        assert [path.name for path in (tmp_path / "full").iterdir()] == ["filling"]
    result = await outreach("stats", "monthly", "2026-10", "-o", "/dev/stdout")
    result = await outreach("stats", "monthly", "2026-10", "-o", tmp_path / "none" / "figures.tsv", fails=1)
    assert f"不能读写 {tmp_path / 'none'}" in result.stderr
    assert (tmp_path / "figures.tsv").read_bytes() == before


class TestAnotherSecretKey:
    @pytest.fixture
    def database_server(self, request: pytest.FixtureRequest) -> Server:
        server: Server = request.getfixturevalue("postgresql")
        return server

    async def test_a_machine_with_a_key_of_its_own_can_not_break_the_audit_chain(
        self, outreach: Shell
    ) -> None:
        await outreach("section", "add", "法规与标准科")
        outreach.environment["OUTREACH_SECRET_KEY"] = "another machine's key"
        result = await outreach("section", "add", "办公室", fails=1)
        assert "SECRET_KEY 与写下这个数据库审计链的不同" in result.stderr
        outreach.environment["OUTREACH_SECRET_KEY"] = outreach.settings.secret_key.decode()
        await outreach("audit", "verify")
        assert "办公室" not in (await outreach("section", "list")).stdout
