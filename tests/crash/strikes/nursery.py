"""`python -m tests.crash.strikes.nursery CLOCK`: makes `outreach` processes by forking, since a start from
nothing takes longer than all that a worker does to one post.

An order is a line of JSON on standard input (`Order`), answered by `{"started": pid}`; each process that ended is
told as `{"ended": pid, "status": …}` (negative: by that signal). At the end of its input it kills all that live.
The file CLOCK holds how many seconds the clock of all of them is ahead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import mmap
import os
import select
import signal
import struct
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypedDict

import aiosqlite  # noqa: F401 - what a worker needs is there before the fork
import arq.connections
import arq.worker
import asyncpg  # noqa: F401
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import configure_mappers
from sqlalchemy.util import LRUCache

from outreach.cli import serve, worker
from outreach.foundation import clock, database
from outreach.foundation.queue import PERIODIC, PUBLISH
from tests.crash.strikes.watching import Calls, Strike, watch
from workers import runner

WORKER: Final = "worker"
SERVE: Final = "serve"
CLOCK_BYTES: Final = 8
_LONG_SLEEP_S: Final = 1.0
_NAP_S: Final = 0.01


class Order(TypedDict):
    """One process: `outreach worker` (or `outreach serve --no-workers`) with this environment and no other. Its calls are written into the file
    `trace`, what it prints into `log`. With `practise` it is no other process but the nursery itself, which then
    knows all that a worker finds out at its first post."""

    command: str
    environment: dict[str, str]
    strike: dict[str, Any] | None
    trace: str
    log: str
    practise: bool


def main() -> None:
    """Takes orders until there are no more."""
    configure_mappers()
    _go_by(Path(sys.argv[1]))
    _sweep_only_when_told()
    _share_what_was_compiled()
    wake, told = os.pipe()
    os.set_blocking(told, False)
    _hear_of_children(told)
    living: set[int] = set()
    waiting = b""
    while True:
        ready, _, _ = select.select([sys.stdin.fileno(), wake], [], [])
        if wake in ready:
            os.read(wake, 1024)
            _tell_ended(living)
        if sys.stdin.fileno() in ready:
            read = os.read(sys.stdin.fileno(), 1 << 20)
            if not read:
                break
            *orders, waiting = (waiting + read).split(b"\n")
            for line in orders:
                order: Order = json.loads(line)
                if order["practise"]:
                    _practise(order)
                    _hear_of_children(told)
                else:
                    living.add(_start(order))
    for pid in living:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _hear_of_children(told: int) -> None:
    signal.set_wakeup_fd(told)
    signal.signal(signal.SIGCHLD, lambda *_: None)


def _practise(order: Order) -> None:
    before = dict(os.environ)
    os.environ.update(order["environment"])
    _say({"started": os.getpid()})
    worker.worker([])
    os.environ.clear()
    os.environ.update(before)
    _say({"ended": os.getpid(), "status": 0})


def _start(order: Order) -> int:
    pid = os.fork()
    if pid:
        _say({"started": pid})
        return pid
    try:
        _become(order)
    except BaseException:  # noqa: BLE001 - the nursery's own loop is not the child's
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _become(order: Order) -> None:
    """The child, from here to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    os.environ.clear()
    os.environ.update(order["environment"])
    trace = os.open(order["trace"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    watch(Calls(trace, Strike(**order["strike"]) if order["strike"] else None))
    if order["command"] == SERVE:
        serve.serve(workers=False, sandbox=False, demo=False)
    else:
        worker.worker([PUBLISH, PERIODIC])


def _share_what_was_compiled() -> None:
    """Statements that one worker has compiled need not be compiled again by the next: all speak the same dialect."""
    cache: Any = LRUCache(2000)
    create = database._create_engine

    def created(url: str, **options: bool) -> AsyncEngine:
        engine = create(url, **options)
        engine.sync_engine._compiled_cache = cache
        return engine

    database._create_engine = created
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


def _go_by(path: Path) -> None:
    """The clock of that file is this process's: what time it is, when a job is due, how long it sleeps."""
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), CLOCK_BYTES, access=mmap.ACCESS_READ)
    rest = asyncio.sleep

    def ahead_s() -> float:
        seconds: float = struct.unpack("d", mapped[:CLOCK_BYTES])[0]
        return seconds

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead_s())

    async def sleep(delay: float, result: Any = None) -> Any:
        if delay < _LONG_SLEEP_S:
            return await rest(delay, result)
        until = time.monotonic() + ahead_s() + delay
        while time.monotonic() + ahead_s() < until:
            await rest(_NAP_S)
        return result

    clock._source = now
    asyncio.sleep = sleep
    for module in (arq.connections, arq.worker):
        module.timestamp_ms = lambda: round(now().timestamp() * 1000)


def _sweep_only_when_told() -> None:
    """Else it would sweep each second of real time, and no two runs would be the same."""
    cron = runner.cron
    runner.cron = lambda job, **options: cron(  # type: ignore[assignment]
        job, **{**options, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
    )


def _tell_ended(living: set[int]) -> None:
    while living:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        living.discard(pid)
        _say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _say(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
