"""deploy/Dockerfile: what can be said of it where no image can be built."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
LINES = [
    line for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")
]


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def test_it_copies_what_is_there_and_what_its_ignore_file_lets_in() -> None:
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {
        name for copy in instructions("COPY") if not copy.startswith("--from") for name in copy.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_service_runs_as_a_user_without_rights() -> None:
    (user,) = instructions("USER")
    assert int(user) >= 1000
    assert LINES.index(f"USER {user}") < LINES.index('ENTRYPOINT ["outreach"]')


def test_both_stages_have_the_same_supported_python_without_which_the_environment_would_not_run() -> None:
    images = {line.split()[0] for line in instructions("FROM")}
    (image,) = images
    assert re.fullmatch(r"python:3\.1[123]-slim", image)


def test_dependencies_are_those_of_the_lock_file() -> None:
    installs = [run for run in instructions("RUN") if "pip install" in run]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all("--no-deps" in run for run in installs[1:])


def test_no_secret_stands_in_it() -> None:
    assert not re.search("SECRET|PASSWORD|TOKEN", DOCKERFILE)
