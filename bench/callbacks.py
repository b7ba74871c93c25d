"""Encrypted messages of followers at the callback: how many a second are committed and answered, and the 99th
percentile of the answer's time at half that rate, while the workers handle what came, and on PostgreSQL once more while
a notice goes out to a great many; beside a bare aiohttp handler that decrypts the same messages and keeps nothing, in the
same run.

`CALLBACK_MESSAGES` (6000) makes it shorter.
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
from bench.fanout import LATENCY_S, platform, working
from bench.many_subscribers import make_followers, new_notice
from bench.service import PATIENCE_S, PROJECT, Service, call, free_port, running
from outreach.followers.notices.marks import RecipientState
from outreach.followers.notices.queries import get_notice, progress_of
from outreach.office.context import Office, open_office
from tests.builders import DEMO_ACCOUNTS
from tests.waiting import eventually

MESSAGES: Final = int(os.environ.get("CALLBACK_MESSAGES", "6000"))
_TOLD: Final = 60 * MESSAGES


def measure() -> dict[str, float]:
    """Rates, ratios and times, by database."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        figures |= {f"sqlite, {name}": value for name, value in _measured(home, {}).items()}
    figures |= {f"postgresql, {name}": value for name, value in asyncio.run(_on_postgresql()).items()}
    return figures | {
        f"during a fan-out, {name}": value for name, value in asyncio.run(_during_a_fan_out()).items()
    }


async def _on_postgresql() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with grounds.postgresql(Path(folder)) as environment:
            return await asyncio.to_thread(_measured, Path(environment["HOME"]), environment)


async def _during_a_fan_out() -> dict[str, float]:
    """The same for messages of an account whose followers are being told something. The platform takes a moment for each,
    so that telling them lasts; it has to last until the end."""
    with tempfile.TemporaryDirectory() as folder:
        async with grounds.postgresql(Path(folder)) as ground:
            office = open_office(grounds.settings_of(ground))
            try:
                account = await make_followers(office, _TOLD)
                credentials, path = DEMO_ACCOUNTS[0]["credentials"], f"/callbacks/wechat/{account.id}"
                command = [sys.executable, "-m", "outreach", "serve", "--no-workers"]
                with platform(LATENCY_S) as url:
                    environment = {**ground, "WECHAT_BASE_URL": url}
                    async with working(environment, ["notify", "conversations"]):
                        with running(command, PROJECT, Path(ground["HOME"]), environment) as service:
                            notice = await new_notice(office, 1)
                            await eventually(lambda: _is_under_way(office, notice.id), within_s=PATIENCE_S)
                            figures = await asyncio.to_thread(_answered, service, credentials, path)
                            if not await _is_under_way(office, notice.id):
                                raise RuntimeError("all followers were told before the last message came")
                            return figures
            finally:
                await office.close()


async def _is_under_way(office: Office, notice_id: str) -> bool:
    async with office.db.read() as session:
        notice = await get_notice(session, notice_id)
        told = (await progress_of(session, notice)).by_state[RecipientState.SENT]
    return 0 < told < _TOLD


def _answered(service: Service, account: dict[str, Any], path: str) -> dict[str, float]:
    port = int(service.url.rpartition(":")[2])
    rate = _pushed(account, port, path)["rate"]
    return {
        "messages a second": rate,
        "answer at half that rate, p99 ms": _pushed(account, port, path, rate / 2)["p99_ms"],
    }


def _measured(home: Path, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "outreach", "serve", "--sandbox", "--demo"]
    with running(command, PROJECT, home, environment) as service:
        account = call(f"{service.sandbox_url}/_sandbox/accounts")[0]
        ours = _answered(service, account, str(account["callback_url"]).removeprefix(service.url))
    with _bare(account) as bare_port:
        bare = _pushed(account, bare_port, "/")
    return {
        **ours,
        "bare handler, messages a second": bare["rate"],
        "ratio to bare": ours["messages a second"] / bare["rate"],
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
