"""The database: SQLite (WAL) by default, PostgreSQL for more; one way to read, one way to write."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    URL,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    Executable,
    FromClause,
    MetaData,
    String,
    TypeDecorator,
    UpdateBase,
    event,
    func,
    literal_column,
    make_url,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.operators import OperatorType

from outreach.foundation import sqlite_writers
from outreach.foundation.outages import DatabaseAway, connection_reason
from outreach.foundation.problems import Problem
from outreach.foundation.together import Deed, Outcome, Together

CONNECT_TIMEOUT_S: Final = 10
IDLE_S: Final = 30
GATHER_S: Final = 0.05
"""How long what is to be written waits for others after a commit: a transaction costs more than a row in it."""
_LONGEST_GROUP_S: Final = 0.1
"""On SQLite everybody else waits until a group is written."""
_ROOM_TO_SORT: Final = "64MB"
_USED_AT: Final = "outreach_used_at"
# An error's text is logged, and what is stored may be an item's words or a sealed secret.
_VALUES_STAY_OUT_OF_ERRORS = True

Each = Callable[[AsyncSession, Sequence[Deed]], Awaitable[Sequence[Outcome]]]
_Opened = Callable[[], AbstractAsyncContextManager[AsyncSession]]


class WrongDatabaseUrl(Problem):
    """OUTREACH_DATABASE_URL names no database that is supported."""

    code, title = "wrong-database-url", "数据库地址不对"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC. SQLite gives times back naive; here they become aware again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its offset can't be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every stored model."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


ID = String(26)


class _StoredEnum(Enum):
    """A column of members, which stand in a comparison as they are and not as parameters. PostgreSQL plans a statement that
    comes again and again once for all parameters, and would take a state in which nothing ever stays long for as frequent
    as any other: it would read a table through where an index leads to the one row there is."""

    cache_ok = True

    class Comparator(Enum.Comparator):
        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            return super().operate(op, *map(_written, other), **kwargs)

    comparator_factory = Comparator


def _written(other: Any) -> Any:
    if isinstance(other, StrEnum):
        return literal_column(f"'{other.value}'", String)
    if isinstance(other, (list, tuple, set, frozenset)) and all(isinstance(one, StrEnum) for one in other):
        return [_written(one) for one in sorted(other)]
    return other


def stored_enum(kind: type[StrEnum]) -> Enum:
    """A column that holds the values of `kind` as text, checked in Python on both databases."""
    return _StoredEnum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def insert_into(session: AsyncSession, table: type[Base] | FromClause) -> Any:
    """An INSERT of the session's database, which can say what to do `on_conflict`. One of many rows that changes what
    is there takes the bare table (`Model.__table__`) and the session's connection: the ORM warns of it."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


async def sort_in_memory(session: AsyncSession) -> None:
    """Gives what this transaction sorts and joins of whole tables more room than PostgreSQL's 4 MB, beyond which it goes
    through the disk. SQLite needs none."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.set_config("work_mem", _ROOM_TO_SORT, true())))


class Database:
    """Opens sessions. `read` never writes; `begin` commits at its end or rolls everything back; what many
    write at the same moment shares a transaction by `write_together`.

    On SQLite those who write take turns (`sqlite_writers`). On PostgreSQL a session for reading opens no
    transaction: at its isolation level (READ COMMITTED) each statement sees the newest state anyway, and
    BEGIN and ROLLBACK would be two of three ways to the server and back.
    """

    def __init__(self, url: str, *, audit_key: bytes) -> None:
        self.engine = _create_engine(url)
        is_sqlite = self.engine.dialect.name == "sqlite"
        # A database in memory is its one connection's.
        takes_turns = is_sqlite and self.engine.url.database not in (None, "", ":memory:")
        self.writers = _create_engine(url, takes_turns=True) if takes_turns else self.engine
        # SQLite's readers see one moment anyway; PostgreSQL's do where they ask for it.
        reading = self._for_reading("AUTOCOMMIT")
        steady = self._for_reading("REPEATABLE READ")
        writing = self.writers.execution_options(outreach_writes=True)
        info = {"audit_key": audit_key}
        self._reading = async_sessionmaker(reading, expire_on_commit=False, info=info, autoflush=False)
        self._steady = async_sessionmaker(steady, expire_on_commit=False, info=info, autoflush=False)
        self._writing = async_sessionmaker(writing, expire_on_commit=False, info=info)
        self._groups: dict[Any, Together[Any, Any]] = {}
        self._longest_s = _LONGEST_GROUP_S if is_sqlite else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; whatever was changed in it is thrown away. A statement that writes raises
        RuntimeError."""
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session for reading whose queries all see the database as it was at the first of them."""
        async with self._steady() as session:
            yield session

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed together, or not at all."""
        async with self._writing() as session, session.begin():
            yield session

    async def write_together(self, write: Each[Deed, Outcome], deed: Deed) -> Outcome:
        """What `write`, a function of a module, made of `deed`, once it is committed. Deeds that come while
        others of the same `write` are being written, or within `GATHER_S` after that, share the next
        transaction."""
        return await self._together(self.begin, write, deed, GATHER_S)

    async def read_together(self, read: Each[Deed, Outcome], wanted: Deed) -> Outcome:
        """The same for reading: what `read` found for `wanted`."""
        return await self._together(self.read, read, wanted, 0)

    async def close(self) -> None:
        """Gives all connections back when what is being written is written."""
        for group in self._groups.values():
            await group.finish()
        for engine in {self.engine, self.writers}:
            await engine.dispose()

    def _for_reading(self, isolation_level: str) -> AsyncEngine:
        """The engine on whose connections nothing writes, at that level on PostgreSQL; SQLite's transactions cost
        nothing and know one level."""
        is_sqlite = self.engine.dialect.name == "sqlite"
        level = {} if is_sqlite else {"isolation_level": isolation_level}
        reading = self.engine.execution_options(outreach_writes=False, **level)
        event.listen(reading.sync_engine, "before_execute", _refuse_writing)
        return reading

    async def _together(
        self, opened: _Opened, do: Each[Deed, Outcome], deed: Deed, gather_s: float
    ) -> Outcome:
        async def do_all(deeds: Sequence[Deed]) -> Sequence[Outcome]:
            async with opened() as session:
                await session.connection()  # to wait for others is no work of this group's
                began = time.monotonic()
                outcomes = await do(session, deeds)
                group.took(len(deeds), time.monotonic() - began)
                return outcomes

        if do not in self._groups:
            self._groups[do] = Together(do_all, gather_s, self._longest_s)
        group: Together[Deed, Outcome] = self._groups[do]
        return await group.add(deed)


def _refuse_writing(_connection: Connection, statement: Executable, *_values: Any) -> None:
    if isinstance(statement, UpdateBase):
        raise RuntimeError("a session for reading can't write")  # noqa: TRY004 - its kind is right, its place is not


def _create_engine(url: str, *, takes_turns: bool = False) -> AsyncEngine:
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_async_engine(
            parsed,
            connect_args={
                "timeout": sqlite_writers.BUSY_TIMEOUT_S,
                "factory": sqlite_writers.ReleasingConnection,
            },
            hide_parameters=_VALUES_STAY_OUT_OF_ERRORS,
        )
        sqlite_writers.attend(engine.sync_engine, takes_turns=takes_turns)
        return engine
    engine = create_async_engine(
        parsed,
        pool_size=10,
        max_overflow=10,
        connect_args={"timeout": CONNECT_TIMEOUT_S},
        hide_parameters=_VALUES_STAY_OUT_OF_ERRORS,
    )
    event.listen(engine.sync_engine, "do_connect", _connect_to_postgresql)
    event.listen(engine.sync_engine, "checkin", _note_use)
    event.listen(engine.sync_engine, "checkout", _require_alive)
    return engine


def _parsed(url: str) -> URL:
    """Raises WrongDatabaseUrl, whose sentence never shows what was given: a password stands in it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise WrongDatabaseUrl(
            "OUTREACH_DATABASE_URL 不对：应形如 postgresql+asyncpg://用户:密码@主机/库名；不设置则用 SQLite。"
        ) from None
    return parsed


def _connect_to_postgresql(
    dialect: DefaultDialect, _record: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """Connects as the dialect would. What its driver raises is told with the place, never the password."""
    try:
        return dialect.connect(*arguments, **options)
    except (OSError, dialect.loaded_dbapi.Error) as error:
        port = f":{options['port']}" if options.get("port") else ""
        place = f"{options.get('host') or '本机'}{port}/{options.get('database')}"
        raise DatabaseAway(
            f"连不上数据库 {place}：{connection_reason(error)}。"
            "请检查 PostgreSQL 是否在运行、OUTREACH_DATABASE_URL 是否正确。"
        ) from error


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _require_alive(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """A server that ends closes its connections, which the driver notices without asking. What lies idle may
    be dropped on the way and say nothing: there it is asked, as it need not be for each request."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server has closed the connection")
    now = time.monotonic()
    if now - record.info.get(_USED_AT, now) > IDLE_S:
        _ping(connection)


def _ping(connection: Any) -> None:
    """Raises DisconnectionError, on which the pool takes another connection."""
    try:
        connection.ping()
    except connection.dbapi.Error as error:
        raise DisconnectionError("the connection is dead") from error
