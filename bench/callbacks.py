"""Encrypted messages of followers at the callback: how many a second are committed and answered, and the 99th
percentile of the answer's time at half that rate, while the workers handle what came; beside a bare aiohttp handler
that decrypts the same messages and keeps nothing, in the same run.

`CALLBACK_MESSAGES` (20000) makes it shorter.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench import grounds
from bench.service import PROJECT, call, free_port, running

MESSAGES: Final = int(os.environ.get("CALLBACK_MESSAGES", "20000"))


def measure() -> dict[str, float]:
    """Rates, ratios and times, by database."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        figures |= {f"sqlite, {name}": value for name, value in _measured(home, {}).items()}
    figures |= {f"postgresql, {name}": value for name, value in asyncio.run(_on_postgresql()).items()}
    return figures


async def _on_postgresql() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with grounds.postgresql(Path(folder)) as environment:
            return await asyncio.to_thread(_measured, Path(environment["HOME"]), environment)


def _measured(home: Path, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "outreach", "serve", "--sandbox", "--demo"]
    with running(command, PROJECT, home, environment) as service:
        account = call(f"{service.sandbox_url}/_sandbox/accounts")[0]
        path = str(account["callback_url"]).removeprefix(service.url)
        port = int(service.url.rpartition(":")[2])
        ours = _pushed(account, port, path)
        half = _pushed(account, port, path, ours["rate"] / 2)
    with _bare(account) as bare_port:
        bare = _pushed(account, bare_port, path)
    return {
        "messages a second": ours["rate"],
        "bare handler, messages a second": bare["rate"],
        "ratio to bare": ours["rate"] / bare["rate"],
        "answer at half that rate, p99 ms": half["p99_ms"],
    }


def _pushed(account: dict[str, Any], port: int, path: str, rate: float = 0) -> dict[str, float]:
    """What `bench.push_load` measured, in a process of its own."""
    given = {name: account[name] for name in ("appid", "token", "encoding_aes_key")}
    command = [
        sys.executable,
        "-m",
        "bench.push_load",
        json.dumps(given),
        str(port),
        path,
        str(MESSAGES),
        str(rate),
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


@contextmanager
def _bare(account: dict[str, Any]) -> Iterator[int]:
    """The port at which a handler decrypts and answers, and does nothing else."""
    port = free_port()
    given = {name: account[name] for name in ("appid", "token", "encoding_aes_key")}
    command = [sys.executable, "-m", "bench.bare_callback", json.dumps(given), str(port)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it listens
        yield port
    finally:
        process.terminate()
        process.wait(10)
