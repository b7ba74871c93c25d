"""A service of its own for a measurement: started by the README's command in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_S = 600


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. `seconds_to_page`: from the command to the first page that answered."""

    url: str
    sandbox_url: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    seconds_to_page: float
    seconds_to_ready: float


@contextlib.contextmanager
def running(
    command: Sequence[str], folder: Path, home: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """Runs `command` in `folder` until the block ends; waits until it says that it is ready. `settings` are
    those of the environment, without their prefix."""
    port, sandbox_port = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")},
        "OUTREACH_HOME": str(home),
        "OUTREACH_PORT": str(port),
        "OUTREACH_SANDBOX_PORT": str(sandbox_port),
        **{f"OUTREACH_{name}": value for name, value in (settings or {}).items()},
    }
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        page = _until(f"{url}/login", began, process)
        ready = _until(f"{url}/readyz", began, process)
        yield Service(url, f"http://127.0.0.1:{sandbox_port}", process, environment, page, ready)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def call(url: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
    """The JSON answer of a GET, or of a POST where there is a body."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=PATIENCE_S) as answer:
        return json.loads(answer.read())


def _until(url: str, began: float, process: subprocess.Popen[bytes]) -> float:
    """Seconds from `began` until `url` answers 200."""
    while time.monotonic() - began < PATIENCE_S:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode} before {url} answered")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError(url)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
