"""deploy/systemd as systemd reads it, with ExecStart turned to the command of this environment."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from outreach.settings import Settings
from tests.tools import tool

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = ("outreach.service", "outreach-worker@.service")
COMMAND = Path(sys.executable).with_name("outreach")


def text_of(unit: str) -> str:
    return (DEPLOY / "systemd" / unit).read_text()


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """Copies whose command is there."""
    copies = [tmp_path / unit for unit in UNITS]
    for copy in copies:
        copy.write_text(text_of(copy.name).replace("/opt/outreach/bin/outreach", str(COMMAND)))
    return copies


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [tool("systemd-analyze", "systemd"), *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_systemd_finds_no_fault_in_them(units: list[Path]) -> None:
    for unit in units:
        result = analyze("verify", "--man=no", "--recursive-errors=no", unit)
        assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_a_fault_would_be_found(units: list[Path]) -> None:
    units[0].write_text(units[0].read_text().replace(str(COMMAND), "/nowhere/outreach"))
    assert analyze("verify", "--man=no", "--recursive-errors=no", units[0]).returncode != 0


def test_they_expose_little(units: list[Path]) -> None:
    for unit in units:
        result = analyze("security", "--offline=true", "--threshold=20", unit)
        assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("unit", UNITS)
def test_settings_come_from_a_file_and_nothing_secret_stands_in_a_unit(unit: str) -> None:
    text = text_of(unit)
    assert "EnvironmentFile=/etc/outreach/outreach.env" in text
    assert not re.search(r"^(Environment|PassEnvironment|SetCredential)=", text, re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS)
def test_it_is_started_again_and_given_time_to_end(unit: str) -> None:
    text = text_of(unit)
    assert "Restart=always" in text
    (timeout,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert int(timeout) > 30


def test_the_settings_file_holds_settings_alone_and_no_secret() -> None:
    lines = (DEPLOY / "outreach.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    known = {f"OUTREACH_{name.removesuffix('_given').upper()}" for name in Settings.model_fields}
    assert {name.removesuffix("_FILE") for name in given} <= known
    assert given["OUTREACH_SECRET_KEY_FILE"].startswith("/etc/outreach/")
    assert not re.search(r"//[^/@]*:[^/@]*@", given["OUTREACH_DATABASE_URL"] + given["OUTREACH_REDIS_URL"])
