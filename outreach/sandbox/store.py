"""Everything the sandbox remembers, in one SQLite file, so that it outlives any kill."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Final

Value = str | int | float | bytes | None

_SCHEMA: Final = resources.files("outreach.sandbox").joinpath("schema.sql").read_text("utf-8")
# Tokens belong to the accounts: whoever holds one goes on after a reset.
_EMPTIED: Final = (
    "usage", "material", "media", "video", "draft", "publication", "follower", "tag", "tagged", "conversation", "message",
    "template", "industry", "consent", "mass", "menu", "status", "picture", "short_link", "oauth_code", "web_code",
    "web_token", "request", "fault", "setting",
)  # fmt: skip


class Store:
    """A SQLite file (or memory, without `path`); each statement is kept at once unless in a transaction."""

    def __init__(self, path: Path | None) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")
        # Survives the kill of this process; only a power cut could take the last writes.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_SCHEMA)

    def change(self, statement: str, *values: Value) -> int:
        """Executes an UPDATE or DELETE; returns how many rows it struck."""
        return self._database.execute(statement, values).rowcount

    def run_many(self, statement: str, rows: Iterable[tuple[Value, ...]]) -> None:
        """Executes a writing statement for each of `rows`, in one transaction."""
        with self.transaction():
            self._database.executemany(statement, rows)

    def run(self, statement: str, *values: Value) -> int:
        """Executes a writing statement; returns the id of the row inserted last."""
        return self._database.execute(statement, values).lastrowid or 0

    def rows(self, statement: str, *values: Value) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._database.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Value) -> sqlite3.Row | None:
        """The first row of a query, if there is one."""
        found: sqlite3.Row | None = self._database.execute(statement, values).fetchone()
        return found

    def number(self, statement: str, *values: Value) -> int:
        """The one number that a query answers with; 0 where it is null."""
        found = self.row(statement, *values)
        return int(found[0] or 0) if found else 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is run inside."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def count_use(self, account: str, name: str, period: str) -> int:
        """Counts one use of `name` in `period`; returns the number of uses so far."""
        return self.number(
            "INSERT INTO usage VALUES (?, ?, ?, 1)"
            " ON CONFLICT (account, name, period) DO UPDATE SET calls = calls + 1 RETURNING calls",
            account,
            name,
            period,
        )

    def uses(self, account: str, name: str, period: str) -> int:
        """How often `name` was used in `period`."""
        return self.number(
            "SELECT calls FROM usage WHERE account = ? AND name = ? AND period = ?", account, name, period
        )

    def forget_uses(self, account: str, period: str, name: str | None = None) -> None:
        """Counts anew in `period`: what is called a path, or the one of that name."""
        self.run(
            "DELETE FROM usage WHERE account = ? AND period = ? AND name LIKE '/%' AND name = coalesce(?, name)",
            account,
            period,
            name,
        )

    def empty(self) -> dict[str, int]:
        """Forgets all but the accounts and their tokens; returns how many rows each table has now."""
        with self.transaction():
            for table in _EMPTIED:
                self.run(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        return dict.fromkeys(_EMPTIED, 0)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()
