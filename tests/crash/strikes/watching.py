"""Inside a process that is to be struck: every call to a platform, to the database or to Redis is written down,
and what was asked for happens at one of them.

The libraries are patched, never the program: aiohttp's requests, SQLAlchemy's statements, commits and
connections, redis' commands.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import aiohttp
import redis.asyncio.client
import redis.exceptions
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine.default import DefaultDialect
from yarl import URL

Side = Literal["before", "after"]
How = Literal["kill", "pause", "cut"]
STRUCK: Final = "!"
"""The line that says that the strike was dealt."""

_BLANKS: Final = re.compile(r"\s+")
_VALUES: Final = re.compile(r"\((?:[?$:]\w*(?:::[\w ]+)?(?:, )?)+\)")
_READS: Final = ("SELECT", "BEGIN", "PRAGMA")


@dataclass(frozen=True, slots=True)
class Strike:
    """What happens right before or after the `nth` call that is `what`.

    `kill` is kill -9; `pause` stops the process, which may be woken again; `cut` breaks the connection: before
    it, nothing arrives there; after it, it was done and no answer comes back.
    """

    what: str
    nth: int
    side: Side
    how: How

    def __str__(self) -> str:
        return f"{self.how} {self.side} {self.what} ({self.nth})"


class Calls:
    """Writes each call as a line into `trace` when it begins, so that nothing is lost by a kill."""

    def __init__(self, trace: int, strike: Strike | None) -> None:
        self._trace = trace
        self._strike = strike
        self._met: Counter[str] = Counter()
        self.in_transaction: set[int] = set()

    def begin(self, what: str) -> int:
        """How many calls of that name there are with this one."""
        self._met[what] += 1
        os.write(self._trace, f"{what}\n".encode())
        return self._met[what]

    @contextmanager
    def around(self, what: str, cut: Callable[[Side], None]) -> Iterator[None]:
        """The call happens inside. `cut` breaks its connection, and may raise what that looks like."""
        nth = self.begin(what)
        self.deal(what, nth, "before", cut)
        yield
        self.deal(what, nth, "after", cut)

    def deal(self, what: str, nth: int, side: Side, cut: Callable[[Side], None]) -> None:
        """Strikes, if it was to be here."""
        strike = self._strike
        if strike is None or not self._is_here(what, nth, side):
            return
        self._strike = None
        os.write(self._trace, f"{STRUCK}\n".encode())
        match strike.how:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "pause":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "cut":
                cut(side)

    async def ready(self, what: str, nth: int, side: Side) -> None:
        """Who is stopped within a transaction holds up whoever needs its rows, and nothing comes of it: a pause
        waits until the others of this process have ended theirs."""
        while self._strike and self._strike.how == "pause" and self._is_here(what, nth, side):
            if not self.in_transaction:
                return
            await asyncio.sleep(0.001)

    def _is_here(self, what: str, nth: int, side: Side) -> bool:
        strike = self._strike
        return strike is not None and (strike.what, strike.nth, strike.side) == (what, nth, side)


def watch(calls: Calls) -> None:
    """From here on `calls` hears of everything."""
    _watch_http(calls)
    _watch_database(calls)
    _watch_redis(calls)


def _watch_http(calls: Calls) -> None:
    send = aiohttp.ClientSession._request

    async def request(session: Any, method: str, url: Any, **options: Any) -> Any:
        what = f"http {method} {URL(url).path}"
        nth = calls.begin(what)
        await calls.ready(what, nth, "before")
        calls.deal(what, nth, "before", _cut_http)
        response = await send(session, method, url, **options)
        await calls.ready(what, nth, "after")
        calls.deal(what, nth, "after", _cut_http)
        return response

    aiohttp.ClientSession._request = request  # type: ignore[method-assign]


def _cut_http(_side: Side) -> None:
    raise aiohttp.ClientOSError(errno.ECONNRESET, "cut by the test")


def _watch_database(calls: Calls) -> None:
    written: dict[int, str] = {}

    def executing(name: str) -> None:
        execute = getattr(DefaultDialect, name)

        def executed(dialect: Any, cursor: Any, statement: str, *rest: Any) -> None:
            context = rest[-1] if rest else None
            connection = context.root_connection.connection.dbapi_connection if context is not None else None
            what = _statement(statement)
            if connection is not None:
                calls.in_transaction.add(id(connection))
                if not statement.lstrip().startswith(_READS):
                    written[id(connection)] = what
            with calls.around(f"sql {what}", lambda side: _cut_database(dialect, connection)):
                execute(dialect, cursor, statement, *rest)

        setattr(DefaultDialect, name, executed)

    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        executing(name)

    def ending(name: str, word: str) -> None:
        end = getattr(DefaultDialect, name)

        def ended(dialect: Any, connection: Any) -> None:
            inner = getattr(connection, "dbapi_connection", connection)
            what = written.pop(id(inner), None)
            try:
                if what is None:  # nothing was written: nothing can be lost
                    end(dialect, connection)
                    return
                with calls.around(f"{word} after {what}", lambda side: _cut_database(dialect, inner)):
                    end(dialect, connection)
            finally:
                calls.in_transaction.discard(id(inner))

        setattr(DefaultDialect, name, ended)

    ending("do_commit", "commit")
    ending("do_rollback", "rollback")
    for dialect in (SQLiteDialect_aiosqlite, PGDialect_asyncpg):
        for name in ("do_close", "do_terminate"):
            _forget_closed(calls, dialect, name)
    connect = DefaultDialect.connect

    def connected(dialect: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(dialect, PGDialect_asyncpg):  # a file is opened, not connected to
            return connect(dialect, *arguments, **options)
        with calls.around("connect to the database", _refuse_connection):
            return connect(dialect, *arguments, **options)

    DefaultDialect.connect = connected  # type: ignore[method-assign]


def _forget_closed(calls: Calls, dialect: type[DefaultDialect], name: str) -> None:
    """Whoever is cancelled in the middle of a transaction ends it with its connection."""
    close = getattr(dialect, name)

    def closed(self: Any, connection: Any) -> None:
        close(self, connection)
        calls.in_transaction.discard(id(connection))

    setattr(dialect, name, closed)


def _refuse_connection(_side: Side) -> None:
    raise ConnectionRefusedError(errno.ECONNREFUSED, "cut by the test")


def _cut_database(dialect: Any, connection: Any) -> None:
    """On PostgreSQL the connection is dead from here on; SQLite has none, and its disk fails instead."""
    if dialect.name == "postgresql":
        connection.driver_connection.terminate()
        raise dialect.loaded_dbapi.InterfaceError("connection is closed")
    error = sqlite3.OperationalError("cut by the test")
    error.sqlite_errorname = "SQLITE_IOERR"
    raise error


def _statement(text: str) -> str:
    """What a statement does in a few words that tell it from others: its verb, its table, and a short digest."""
    plain = _VALUES.sub("(…)", _BLANKS.sub(" ", text)).strip()
    verb, *_ = plain.split(" ", 1)
    table = re.search(r"(?:UPDATE|INTO|FROM) (\w+)", plain)
    if table is None:
        return plain[:40]
    return f"{verb} {table[1]} #{hashlib.sha256(plain.encode()).hexdigest()[:6]}"


def _watch_redis(calls: Calls) -> None:
    commands, pipelines = redis.asyncio.client.Redis, redis.asyncio.client.Pipeline
    command, at_once, execute = (
        commands.execute_command,
        pipelines.immediate_execute_command,
        pipelines.execute,
    )

    async def commanded(client: Any, *arguments: Any, **options: Any) -> Any:
        with calls.around(f"redis {arguments[0]} {_key(arguments)}".rstrip(), _cut_redis):
            return await command(client, *arguments, **options)

    async def commanded_at_once(pipeline: Any, *arguments: Any, **options: Any) -> Any:
        with calls.around(f"redis {arguments[0]} {_key(arguments)}".rstrip(), _cut_redis):
            return await at_once(pipeline, *arguments, **options)

    async def executed(pipeline: Any, *arguments: Any, **options: Any) -> Any:
        names = "+".join(str(each[0][0]) for each in pipeline.command_stack) or "nothing"
        with calls.around(f"redis {names}", _cut_redis):
            return await execute(pipeline, *arguments, **options)

    commands.execute_command = commanded  # type: ignore[method-assign]
    pipelines.immediate_execute_command = commanded_at_once  # type: ignore[method-assign]
    pipelines.execute = executed  # type: ignore[method-assign]


def _key(arguments: tuple[Any, ...]) -> str:
    key = arguments[1] if len(arguments) > 1 else ""
    text = key.decode() if isinstance(key, bytes) else str(key)
    return ":".join(text.split(":")[:2]) if ":" in text else ""


def _cut_redis(_side: Side) -> None:
    raise redis.exceptions.ConnectionError("cut by the test")
