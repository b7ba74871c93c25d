"""The service as it runs: `python -m outreach serve` with its children, on ports and a HOME of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from tests.waiting import eventually

START_S = 240  # loading the demo takes long where a machine is slow or busy
STOP_S = 60
WORKER, SANDBOX, REDIS = "worker", "outreach.sandbox", "redis.sock"  # how each child is told apart


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens; all different."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Running:
    """One `python -m outreach …`. What it prints is kept beside HOME, for whoever looks into a failure."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path) -> None:
        self.process = process
        self.output = output

    def told(self) -> str:
        """All that it printed so far, on both channels."""
        return self.output.read_text(encoding="utf-8")

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal and waits for the exit status."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), STOP_S)

    def children(self) -> list[psutil.Process]:
        """Every process below it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, ending: str) -> psutil.Process:
        """The child one of whose arguments ends so."""
        (found,) = [
            child for child in self.children() if any(part.endswith(ending) for part in _command_line(child))
        ]
        return found


class Installation:
    """A HOME with ports of its own; its commands run as processes."""

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        *,
        command: Sequence[str | Path] = (sys.executable, "-m", "outreach"),
    ) -> None:
        self.home = home
        self._command = command
        self.port, self.sandbox_port = free_ports(2)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "OUTREACH_HOME": str(home),
            "OUTREACH_PORT": str(self.port),
            "OUTREACH_SANDBOX_PORT": str(self.sandbox_port),
            "OUTREACH_LOOKUP_AFTER_S": "1",
            **environment,
        }
        self._outputs = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Runs a command to its end: exit status and all that it printed."""
        running = await self.start(*arguments)
        code = await asyncio.wait_for(running.process.wait(), START_S)
        return code, running.told()

    @asynccontextmanager
    async def running(self, *arguments: str) -> AsyncIterator[Running]:
        """A command that runs until it is told to stop."""
        running = await self.start(*arguments)
        try:
            yield running
        finally:
            await running.end()

    @asynccontextmanager
    async def serving(self, *options: str) -> AsyncIterator[Running]:
        """`outreach serve`, ready."""
        async with self.running("serve", *options) as service:
            await self.until_ready(service)
            yield service

    async def until_ready(self, service: Running) -> None:
        """Waits until /readyz says so. Fails where the process ended instead."""

        answer = ""

        async def ask() -> bool:
            nonlocal answer
            if service.process.returncode is not None:
                raise AssertionError(service.told())
            try:
                async with aiohttp.ClientSession() as http, http.get(f"{self.url}/readyz") as response:
                    answer = await response.text()
                    return response.status == 200
            except (aiohttp.ClientError, OSError):
                return False

        try:
            await eventually(ask, within_s=START_S)
        except TimeoutError:
            raise AssertionError(f"{answer}\n{service.told()}") from None

    async def until_the_sandbox_answers(self) -> None:
        """Waits for it."""

        async def ask() -> bool:
            return await status_of(f"{self.sandbox_url}/_sandbox/accounts") == 200

        await eventually(ask, within_s=START_S)

    async def sandbox(self, call: str, body: Any = None) -> Any:
        """A control call: GET, or POST with a body."""
        method = "GET" if body is None else "POST"
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, f"{self.sandbox_url}/_sandbox/{call}", json=body) as response,
        ):
            assert response.status == 200, await response.text()
            return await response.json()

    async def fault(self, path: str, action: str, value: float | None = None, times: int = 1) -> None:
        """Sets a fault of the sandbox."""
        await self.sandbox("faults", {"path": path, "action": action, "value": value, "times": times})

    async def start(self, *arguments: str) -> Running:
        """Starts a command; whoever calls ends it."""
        self._outputs += 1
        output = self.home.with_name(f"{self.home.name}.{self._outputs}.{arguments[0]}.log")
        with output.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        return Running(process, output)


async def status_of(url: str) -> int | None:
    """The HTTP status that `url` answers with; None where nobody answers."""
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return response.status
    except (aiohttp.ClientError, OSError):
        return None


async def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more."""
    return not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []
