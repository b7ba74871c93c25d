"""Commands as a shell gives them: arguments, standard input, exit status."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from outreach.cli import app
from outreach.office.context import Office, open_office
from tests.conftest import SECRET_KEY, settings_for


class Shell:
    """Runs `outreach …` on one installation."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.home = home
        self.settings = settings_for(home, database_url)
        self.environment = {
            "OUTREACH_HOME": str(home),
            "OUTREACH_DATABASE_URL": database_url,
            "OUTREACH_SECRET_KEY": SECRET_KEY,
            "OUTREACH_DEMO_PASSWORD": "demo-password",
        }

    async def __call__(self, *arguments: str | Path, stdin: str | bytes = "", fails: int = 0) -> Result:
        """What the command answered. It has to end with the status `fails`."""
        given = [str(argument) for argument in arguments]
        result = await asyncio.to_thread(CliRunner().invoke, app, given, input=stdin, env=self.environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == fails, result.output
        return result

    async def fill_sections(self, *names: str) -> None:
        for name in names:
            await self("section", "add", name)

    def office(self) -> Office:
        """The same installation, opened here."""
        return open_office(self.settings)


@pytest.fixture
def outreach(tmp_path: Path, database_url: str, logs_restored: None) -> Shell:
    """The commands on an empty HOME and a database that holds nothing yet."""
    return Shell(tmp_path / "home", database_url)


@pytest.fixture
def unmigrated(tmp_path: Path, empty_database_url: str, logs_restored: None) -> Shell:
    """The commands on a database without a table."""
    return Shell(tmp_path / "home", empty_database_url)
