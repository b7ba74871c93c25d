"""A light generator of load, a process of its own: keep-alive connections over a bare protocol.

`python -m bench.load closed PORT PATH HEADERS SECONDS` says how many requests a second were answered,
`python -m bench.load open PORT PATH HEADERS SECONDS RATE` the 99th percentile of the milliseconds between the
moment at which a request was due and its answer. HEADERS is a JSON object.
"""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from itertools import repeat

from bench.service import PROJECT

CONNECTIONS = 8


def requests_a_second(port: int, path: str, headers: Mapping[str, str], seconds: float) -> float:
    """How many requests a second are answered where eight visitors ask as fast as they can."""
    return _in_own_process("closed", port, path, headers, seconds)


def p99_ms(port: int, path: str, headers: Mapping[str, str], seconds: float, rate: float) -> float:
    """The 99th percentile of the answers' times, in milliseconds, where `rate` requests a second come evenly."""
    return _in_own_process("open", port, path, headers, seconds, rate)


def _in_own_process(mode: str, port: int, path: str, headers: Mapping[str, str], *numbers: float) -> float:
    given = [mode, str(port), path, json.dumps(headers), *map(str, numbers)]
    command = [sys.executable, "-m", "bench.load", *given]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


class Visitor(asyncio.Protocol):
    """One connection, which asks one thing after the other."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._missing: int | None = None
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    async def ask(self, request: bytes) -> None:
        """Until the answer is there as a whole. Raises RuntimeError where it is another than 200."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        await self._answered

    def data_received(self, data: bytes) -> None:
        if self._missing is None:
            self._received += data
            head, end, body = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            self._received.clear()
            if not head.startswith(b"HTTP/1.1 200 "):
                self._fail(head.decode())
                return
            self._missing = _content_length(head) - len(body)
        else:
            self._missing -= len(data)
        if self._missing == 0 and self._answered is not None:
            self._missing = None
            self._answered.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed")

    def _fail(self, reason: str) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(RuntimeError(reason))


def _content_length(head: bytes | bytearray) -> int:
    lines = head.lower().split(b"\r\n")
    return int(next(line for line in lines if line.startswith(b"content-length:")).split(b":")[1])


async def visitors(port: int, connections: int = CONNECTIONS) -> list[Visitor]:
    """As many, connected."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Visitor, "127.0.0.1", port) for _ in range(connections)]
    return [visitor for _, visitor in made]


def _request(port: int, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _closed(asking: list[Visitor], request: bytes, seconds: float) -> float:
    began = time.perf_counter()

    async def keep_asking(visitor: Visitor) -> int:
        answers = 0
        while time.perf_counter() - began < seconds:
            await visitor.ask(request)
            answers += 1
        return answers

    answers = sum(await asyncio.gather(*(keep_asking(one) for one in asking)))
    return answers / (time.perf_counter() - began)


async def evenly(asking: list[Visitor], requests: Iterable[bytes], rate: float) -> float:
    """The 99th percentile of the answers' times, in milliseconds. A request that finds every visitor waiting waits
    too, and its time runs from when it was due."""
    due: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    times: list[float] = []

    async def answer(visitor: Visitor) -> None:
        while (one := await due.get()) is not None:
            moment, request = one
            await visitor.ask(request)
            times.append(time.perf_counter() - moment)

    answering = [asyncio.create_task(answer(one)) for one in asking]
    began = time.perf_counter()
    for number, request in enumerate(requests):
        moment = began + number / rate
        await asyncio.sleep(moment - time.perf_counter())
        due.put_nowait((moment, request))
    for _ in asking:
        due.put_nowait(None)
    await asyncio.gather(*answering)
    return sorted(times)[math.ceil(len(times) * 0.99) - 1] * 1000


async def _main(mode: str, port: str, path: str, headers: str, *numbers: str) -> None:
    asking, request = await visitors(int(port)), _request(int(port), path, json.loads(headers))
    for visitor in asking:
        await visitor.ask(request)  # the first one of each connection is not counted
    if mode == "closed":
        print(await _closed(asking, request, *map(float, numbers)))
    else:
        seconds, rate = map(float, numbers)
        print(await evenly(asking, repeat(request, int(seconds * rate)), rate))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
