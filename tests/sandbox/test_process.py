from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def _running(home: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "outreach.sandbox", "--port", str(port)),
        env={**os.environ, "OUTREACH_HOME": str(home), "OUTREACH_PUBLIC_URL": "http://sthjj.example.cn:8443"},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    assert f"127.0.0.1:{port}" in (await process.stderr.readline()).decode()
    yield process
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def _accounts(port: int, changes: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    body = json.dumps(changes).encode() if changes else None
    url = f"http://127.0.0.1:{port}/_sandbox/accounts"

    def _call() -> Any:
        with urllib.request.urlopen(urllib.request.Request(url, data=body)) as response:
            return json.load(response)

    return list(await asyncio.to_thread(_call))


async def test_its_state_outlives_a_kill(tmp_path: Path) -> None:
    port = _free_port()
    async with _running(tmp_path, port) as process:
        await _accounts(port, {"channel": "wechat", "name": "新号"})
        process.kill()
        await process.wait()
    async with _running(tmp_path, port):
        accounts = await _accounts(port)
        assert [account["name"] for account in accounts][3:] == ["新号"]
        assert accounts[0]["callback_url"].startswith("http://sthjj.example.cn:8443/callbacks/wechat/")
        assert accounts[1]["security_domains"] == ["sthjj.example.cn"]
    assert (tmp_path / "sandbox.sqlite").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    async with _running(tmp_path, _free_port()) as process:
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 10) == 0


_PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "outreach.sandbox", "--die-with-parent", "--port", sys.argv[1]],
                         stderr=sys.stderr)
print(child.pid, flush=True)
sys.stdin.read()
"""


async def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    port = _free_port()
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PARENT, str(port)),
        env={**os.environ, "OUTREACH_HOME": str(tmp_path)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert parent.stderr
    assert str(port) in (await parent.stderr.readline()).decode()
    parent.kill()
    # The pipes end when the last process that holds them, the sandbox, is gone.
    await asyncio.wait_for(parent.communicate(), 10)
