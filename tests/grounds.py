"""Bad ground to stand on: a folder that nobody can write to, a disk with little room, ports without a server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import free_ports


@contextmanager
def disk(folder: Path, *, kib: int, read_only: bool = False) -> Iterator[None]:
    """Has `folder` be a disk of its own of that size. Only root can; elsewhere the test is passed over."""
    if os.geteuid() != 0 and not os.environ.get("CI"):
        pytest.skip("mounting a small disk takes root; CI runs this test")
    folder.mkdir(exist_ok=True)
    options = f"size={kib}k,{'ro' if read_only else 'rw'}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def enlarge(folder: Path, *, kib: int) -> None:
    """Gives a small disk more room."""
    subprocess.run(["mount", "-o", f"remount,size={kib}k", folder], check=True)


def nobodys_port() -> int:
    """A port on which nobody listens."""
    (port,) = free_ports(1)
    return port


def absent_postgresql() -> str:
    """The URL of a PostgreSQL that isn't there. Its password must never be shown."""
    return f"postgresql+asyncpg://outreach:not-to-be-seen@127.0.0.1:{nobodys_port()}/outreach"
