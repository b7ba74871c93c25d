"""What every command does alike: make HOME, open the office, migrate."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from outreach import migrations
from outreach.foundation.logging import set_up_logging
from outreach.foundation.outages import HomeNotWritable, file_reason
from outreach.foundation.problems import FieldError
from outreach.foundation.whole_file import write_whole
from outreach.office.context import Office, open_office
from outreach.settings import Settings, load_settings

Result = TypeVar("Result")


def with_office(use: Callable[[Office], Awaitable[Result]], settings: Settings | None = None) -> Result:
    """Runs `use` with the open office of this environment, its database migrated."""
    settings = settings or load_settings()
    set_up_logging(settings.log_format)
    make_home(settings.home)

    async def run() -> Result:
        office = open_office(settings)
        try:
            await migrations.upgrade(office.db)
            return await use(office)
        finally:
            await office.close()

    return asyncio.run(run())


def make_home(home: Path) -> None:
    """Makes the data directory, for its owner's eyes only. Raises HomeNotWritable."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise HomeNotWritable(
            f"数据目录 {home.absolute()} 不能写入：{file_reason(error)}。"
            "请改正它的权限，或用 OUTREACH_HOME 指定另一个目录。"
        ) from error


def print_json(value: dict[str, Any]) -> None:
    """One object on one line of standard output."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def place(error: FieldError) -> str:
    """Where in its row an error lies, for people."""
    return "整行" if error.field in {"", "row"} else error.field


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, or of standard input. Wrong use where it can't be read."""
    return decoded(read_input(path))


def read_input(path: Path) -> bytes:
    """The content of a file, or of standard input where it is `-`. Wrong use where it can't be read."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"读不到文件 {path}：{error.strerror}") from error


def write_output(path: Path | None, content: bytes) -> None:
    """Writes the file whole, or standard output where none is named."""
    if path is None:
        sys.stdout.buffer.write(content)
    elif path.exists() and not path.is_file():  # a device or a pipe
        path.write_bytes(content)
    else:
        write_whole(path, content)


def decoded(given: bytes) -> str:
    """What came in, as UTF-8. Wrong use where it is none."""
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise typer.BadParameter("输入应为 UTF-8 编码的文本。") from error
