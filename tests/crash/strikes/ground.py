"""What struck processes stand on: a database that is copied for each case, one Redis, one sandbox, one clock for
all of them that jumps to whatever is due next."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import mmap
import os
import shutil
import struct
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import redis.asyncio

from outreach.foundation import clock
from outreach.foundation.children import stop_child
from outreach.foundation.queue import PERIODIC, PUBLISH, queue_name, to_bytes
from outreach.foundation.redis_server import socket_path, start_server
from outreach.office.context import Office, open_office
from outreach.settings import Settings
from tests import servers
from tests.builders import OfficeStory
from tests.crash.strikes.nursery import CLOCK_BYTES, SERVE, WORKER, Order
from tests.crash.strikes.watching import STRUCK, Strike
from tests.processes import free_ports, status_of
from tests.sandbox.platform import MovableClock, Platform, platform
from tests.servers import Postgres

SECRET_KEY: Final = "a secret key for strikes alone"
LOOKUP_AFTER_S: Final = 1.0
_POLL_S: Final = 0.01
_PATIENCE_S: Final = 60.0
_ASKS: Final = f"redis ZRANGEBYSCORE {queue_name(PERIODIC)}"
_SWEEP: Final = "cron:sweep"
_PROJECT: Final = Path(__file__).resolve().parents[3]


class Stuck(Exception):
    """Something that has to end has not."""


class SharedClock:
    """How far the time of every process here is ahead of the machine's: a number in a file that all of them
    have mapped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(CLOCK_BYTES))
        with path.open("r+b") as file:
            self._mapped = mmap.mmap(file.fileno(), CLOCK_BYTES)

    @property
    def ahead_s(self) -> float:
        seconds: float = struct.unpack("d", self._mapped[:CLOCK_BYTES])[0]
        return seconds

    def set(self, ahead_s: float) -> None:
        self._mapped[:CLOCK_BYTES] = struct.pack("d", ahead_s)

    def now(self) -> datetime:
        return clock.now() + timedelta(seconds=self.ahead_s)


class _SandboxClock(MovableClock):
    """The platforms' clocks go with ours."""

    def __init__(self, shared: SharedClock) -> None:
        super().__init__()
        self._shared = shared

    def __call__(self) -> float:
        return super().__call__() + self._shared.ahead_s


@dataclass(slots=True)
class Process:
    """One `outreach …` of the nursery."""

    pid: int
    trace: Path
    log: Path
    ended: asyncio.Future[int]

    def calls(self) -> list[str]:
        """Every call that it has made, in their order."""
        return [line for line in self.trace.read_text().splitlines() if line != STRUCK]

    def was_struck(self) -> bool:
        """Whether it came to where its strike waited."""
        return f"{STRUCK}\n" in self.trace.read_text()

    def works(self) -> bool:
        """Whether it has come as far as to ask for work: from then on it hears signals."""
        return _ASKS in self.trace.read_text()

    def told(self) -> str:
        """All that it printed."""
        return self.log.read_text()

    def signal(self, number: int) -> None:
        """Sends it a signal, if it lives."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


class Nursery:
    """The forking process, as its orders are given."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._started: asyncio.Queue[int] = asyncio.Queue()
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._one_orders = asyncio.Lock()
        self._listening = asyncio.create_task(self._listen())

    async def start(self, order: Order) -> Process:
        """A process that has just begun."""
        async with self._one_orders:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            pid = await self._started.get()
        return Process(pid, Path(order["trace"]), Path(order["log"]), self._end_of(pid))

    async def close(self) -> None:
        """Ends all that live, and the nursery."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._listening

    def _end_of(self, pid: int) -> asyncio.Future[int]:
        return self._ended.setdefault(pid, asyncio.get_running_loop().create_future())

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            answer = json.loads(line)
            if "started" in answer:
                self._ended.pop(answer["started"], None)
                self._started.put_nowait(answer["started"])
            else:
                self._end_of(answer["ended"]).set_result(answer["status"])


@dataclass(frozen=True, slots=True)
class Template:
    """A database in which everything is planned that a case is about."""

    name: str
    make: Callable[[OfficeStory], Awaitable[None]]


class Ground:
    """One lane: cases run on it one after the other."""

    def __init__(
        self,
        folder: Path,
        sandbox: Platform,
        redis_client: redis.asyncio.Redis,
        nursery: Nursery,
        shared_clock: SharedClock,
        postgres: Postgres | None,
        port: int,
    ) -> None:
        self.sandbox = sandbox
        self.port = port
        self.clock = shared_clock
        self.redis = redis_client
        self._folder = folder
        self._nursery = nursery
        self._postgres = postgres
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}

    @asynccontextmanager
    async def case(self, template: Template) -> AsyncIterator[Case]:
        """A database of its own, an empty sandbox and Redis, and the clock at the present."""
        if template.name not in self._templates:
            self._templates[template.name] = await self._made(template)
        self.clock.set(0)
        await self.sandbox.control("reset", {})
        await self.sandbox.control("settings", {"publish_delay_s": 0, "callback_again_s": 0.05})
        await self.redis.flushall()
        async with self._copy(self._templates[template.name]) as url:
            office = open_office(self._settings(url))
            running = Case(self, office)
            try:
                yield running
            finally:
                await running.end_all()
                await office.close()

    async def start(
        self, office: Office, command: str, strike: Strike | None, *, practise: bool = False
    ) -> Process:
        """`outreach` with that command, on that office's database."""
        number = next(self._numbers)
        trace, log = self._folder / f"{number}.trace", self._folder / f"{number}.log"
        for file in (trace, log):
            file.touch()
        return await self._nursery.start(
            {
                "command": command,
                "environment": {
                    "PATH": os.environ["PATH"],
                    "OUTREACH_HOME": str(office.settings.home),
                    "OUTREACH_PORT": str(self.port),
                    "OUTREACH_DATABASE_URL": office.settings.database_url,
                    "OUTREACH_REDIS_URL": f"unix://{socket_path(self._folder)}",
                    "OUTREACH_SECRET_KEY": SECRET_KEY,
                    "OUTREACH_WECHAT_BASE_URL": self.sandbox.url,
                    "OUTREACH_WEIBO_BASE_URL": self.sandbox.url,
                    "OUTREACH_LOOKUP_AFTER_S": str(LOOKUP_AFTER_S),
                },
                "strike": asdict(strike) if strike else None,
                "trace": str(trace),
                "log": str(log),
                "practise": practise,
            }
        )

    def _settings(self, url: str) -> Settings:
        return Settings(
            home=self._folder / "home",
            wechat_base_url=self.sandbox.url,
            weibo_base_url=self.sandbox.url,
            lookup_after_s=LOOKUP_AFTER_S,
            **{"OUTREACH_DATABASE_URL": url, "OUTREACH_SECRET_KEY": SECRET_KEY},
        )

    async def _made(self, template: Template) -> str:
        """The name of a database that is copied for each case."""
        if self._postgres is not None:
            name = f"of_{template.name}_{next(self._numbers)}"
            await self._postgres.run(f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY FILE_COPY")
            url = self._postgres.url(name)
        else:
            name = str(self._folder / f"{template.name}.sqlite")
            shutil.copyfile(self._folder / "migrated.sqlite", name)
            url = f"sqlite+aiosqlite:///{name}"
        office = open_office(self._settings(url))
        await template.make(OfficeStory(office))
        await office.close()
        return name

    @asynccontextmanager
    async def _copy(self, template: str) -> AsyncIterator[str]:
        number = next(self._numbers)
        if self._postgres is not None:
            name = f"case_{os.getpid()}_{number}"
            await self._postgres.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            yield self._postgres.url(name)
            await self._postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
        else:
            path = self._folder / f"case-{number}.sqlite"
            shutil.copyfile(template, path)
            yield f"sqlite+aiosqlite:///{path}"
            for left in path.parent.glob(f"{path.name}*"):
                left.unlink()


class Case:
    """One database and the processes that work on it."""

    def __init__(self, ground: Ground, office: Office) -> None:
        self.ground = ground
        self.office = office
        self.story = OfficeStory(office)
        self.processes: list[Process] = []
        self._dead_jobs: set[bytes] = set()

    async def worker(self, strike: Strike | None = None) -> Process:
        """Workers of all queues."""
        return await self._start(WORKER, strike)

    async def web(self, strike: Strike | None = None) -> Process:
        """The web application, to which the sandbox pushes its events; it answers already."""
        process = await self._start(SERVE, strike)
        while await status_of(f"http://127.0.0.1:{self.ground.port}/healthz") != 200:
            await self.poll()
        return process

    async def practise(self) -> Process:
        """The same, within the nursery."""
        nursery = await self.ground.start(self.office, WORKER, None, practise=True)
        nursery.trace.write_text(_ASKS)  # it writes none itself
        return nursery

    async def sweep(self) -> None:
        """Has the workers sweep now."""
        job = {"t": 1, "f": _SWEEP, "a": [], "k": {}, "et": _ms(self.ground.clock.now())}
        name = f"sweep:{time.monotonic_ns()}"
        async with self.ground.redis.pipeline() as both:
            both.psetex(f"arq:job:{name}", 600_000, to_bytes(job))
            both.zadd(queue_name(PERIODIC), {name: _ms(self.ground.clock.now())})
            await both.execute()

    async def is_idle(self) -> bool:
        """Whether the workers have done all that was due; what a dead one had taken does not count."""
        now = _ms(self.ground.clock.now())
        async with self.ground.redis.pipeline() as both:
            for queue in (PUBLISH, PERIODIC):
                both.zrangebyscore(queue_name(queue), "-inf", now)
            publish, periodic = await both.execute()
        return not {*publish, *periodic} - self._dead_jobs

    async def buried(self) -> None:
        """A worker died: what it had taken stays in Redis until its key lapses."""
        keys = await self.ground.redis.keys("arq:in-progress:*")
        self._dead_jobs |= {key.removeprefix(b"arq:in-progress:") for key in keys}

    async def end(self, process: Process) -> None:
        """Ends it as systemd would, and requires that it goes. Its strike may come while it does: after a job there are
        calls still."""
        while not (process.ended.done() or process.works()):
            await self.poll()
        process.signal(15)
        try:
            status = await asyncio.wait_for(asyncio.shield(process.ended), _PATIENCE_S)
        except TimeoutError:
            raise Stuck(f"it does not end: {process.told()[-2000:]}") from None
        assert status == 0 or process.was_struck(), process.told()

    async def end_all(self) -> None:
        """Kills what still lives."""
        for process in self.processes:
            if not process.ended.done():
                process.signal(9)
                await process.ended

    async def _start(self, command: str, strike: Strike | None) -> Process:
        process = await self.ground.start(self.office, command, strike)
        self.processes.append(process)
        return process

    async def poll(self) -> None:
        """A moment of real time."""
        await asyncio.sleep(_POLL_S)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@asynccontextmanager
async def lane(folder: Path, postgres: Postgres | None = None) -> AsyncIterator[Ground]:
    """A lane in `folder`, which is empty; on SQLite where there is no `postgres`."""
    shared_clock = SharedClock(folder / "clock")
    (folder / "home").mkdir()
    (port,) = free_ports(1)
    async with contextlib.AsyncExitStack() as running:
        if postgres is None:
            await running.enter_async_context(servers.sqlite(folder))
        sandbox = await running.enter_async_context(
            platform(f"http://127.0.0.1:{port}", clock=_SandboxClock(shared_clock))
        )
        server = await start_server(folder)
        running.push_async_callback(lambda: stop_child(server, patience_s=5))
        client = redis.asyncio.Redis(unix_socket_path=str(socket_path(folder)))
        running.push_async_callback(client.aclose)
        nursery = Nursery(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.crash.strikes.nursery", str(shared_clock.path)),
                cwd=_PROJECT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        )
        running.push_async_callback(nursery.close)
        await widen_limits(sandbox)
        yield Ground(folder, sandbox, client, nursery, shared_clock, postgres, port)


async def widen_limits(sandbox: Platform) -> None:
    """The platforms' daily limits would end the strikes before their time."""
    for account in sandbox.accounts:
        known = {name: account[name] for name in ("channel", "appid", "uid") if account.get(name)}
        wide = dict.fromkeys(account["limits"], 1_000_000)
        await sandbox.control("accounts", {**known, "limits": wide})
