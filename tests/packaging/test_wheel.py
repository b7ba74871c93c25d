"""The wheel is all that another machine needs: built, installed into an empty environment, served from an
empty folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

import aiohttp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.processes import Installation

ROOT = Path(__file__).resolve().parents[2]
_WHERE = """
import json, outreach, workers
from importlib import resources
from outreach import migrations
from outreach.foundation.templates import templates_folder
from outreach.publishing.renditions.cards import check_font
check_font()
print(json.dumps([outreach.__file__, workers.__file__, migrations.__file__, str(templates_folder()),
                  str(resources.files("outreach.demo")), migrations.newest()]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make wheel` does, without a look at any package index."""
    folder = tmp_path_factory.mktemp("wheel")
    switches = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    _run(sys.executable, "-m", "pip", "wheel", *switches, "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("outreach-*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel and what the wheel says it needs, nothing else.

    The dependencies are linked from the environment of this suite instead of being fetched again: exactly those
    that the wheel's own metadata asks for, and theirs, so that one that was forgotten there is missing here.
    """
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    switches = ["--quiet", "--no-deps", "--no-index"]
    _run(sys.executable, "-m", "pip", "--python", python, "install", *switches, wheel)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (metadata,) = packages.glob("outreach-*.dist-info")
    for needed in _closure(Distribution.at(metadata).requires or []).values():
        _link(needed, packages)
    return python


def test_the_wheel_holds_every_file_of_the_packages_and_the_templates(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "outreach", "workers", "templates"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    expected = {re.sub("^templates/", "outreach/_templates/", name) for name in listed.split("\0") if name}
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        for name in expected:
            source = ROOT / re.sub("^outreach/_templates/", "templates/", name)
            assert archive.read(name) == source.read_bytes(), name
    assert {name for name in inside if ".dist-info/" not in name} == expected
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in inside)


def test_everything_comes_from_the_wheel(elsewhere: Path, tmp_path: Path) -> None:
    told = subprocess.run(
        [elsewhere, "-c", _WHERE],
        cwd=tmp_path,
        env=_environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    *places, newest = json.loads(told.stdout)
    assert [place for place in places if not place.startswith(str(elsewhere.parents[1]))] == []
    assert newest == max(path.stem[:4] for path in (ROOT / "outreach/migrations/versions").glob("0*.py"))


async def test_it_serves_the_demo_from_an_empty_folder(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    installation = Installation(folder / "var", {}, command=[elsewhere.with_name("outreach")])
    ports = {name: value for name, value in installation.environment.items() if name.endswith("_PORT")}
    installation.environment = {**_environment(), **ports}
    async with installation.serving("--sandbox", "--demo"):
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{installation.url}/login") as response:
                page = await response.text()
            (stylesheet,) = re.findall(r'href="(/static/app\.css[^"]*)"', page)
            async with http.get(installation.url + stylesheet) as response:
                assert await response.read() == (ROOT / "templates/static/app.css").read_bytes()
        assert "演示" in page
        code, told = await installation.command("stats", "verify")
        assert (code, told) == (0, "计数与发布件一致。\n")
    assert [path.name for path in folder.iterdir() if path.suffix != ".log"] == ["var"]


def _closure(requirements: Iterable[str]) -> dict[str, Distribution]:
    """Every distribution that these requirements lead to on this interpreter, by its name."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(one), "") for one in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        for of in {"", *wanted.extras} - {of for known, of in seen if known == name}:
            seen.add((name, of))
            found[name] = distribution(name)
            waiting += [(Requirement(one), of) for one in found[name].requires or []]
    return found


def _link(needed: Distribution, packages: Path) -> None:
    """Has the distribution's packages and its metadata be found there."""
    for name in {path.parts[0] for path in needed.files or [] if path.parts[0] != ".."}:
        if name != "__pycache__":
            (packages / name).symlink_to(needed.locate_file(name))


def _environment() -> dict[str, str]:
    """No trace of this suite's environment: only where programs, a home and temporary files are."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)
