"""The database's way forward: Alembic, run by the commands themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from outreach.foundation.database import Database
from outreach.migrations import tables


async def upgrade(db: Database) -> None:
    """Brings an empty or older database to the newest state; does nothing to one that is there already."""
    async with db.engine.execution_options(outreach_writes=True).begin() as connection:
        await connection.run_sync(_upgrade)


async def is_current(db: Database) -> bool:
    """Whether the database stands at the newest migration."""
    async with db.engine.connect() as connection:
        found: str | None = await connection.run_sync(_revision)
    return found == newest()


async def differences(db: Database) -> list[str]:
    """How the tables differ from what the code expects; empty when all is well."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_differences)


@cache
def newest() -> str | None:
    """The newest migration's name. All of them are read for it, once."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    """One process at a time: SQLite's write lock or PostgreSQL's advisory one keeps a second waiting."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20201231)")
    if _revision(connection) == newest():
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, tables.METADATA)]
