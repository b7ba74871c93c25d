"""Everything the sandbox remembers, in one SQLite file, so that it outlives any kill."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

Value = str | int | float | bytes | None

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS account (
    position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS token (
    value TEXT PRIMARY KEY, account TEXT NOT NULL, family TEXT NOT NULL, issued_at REAL NOT NULL,
    forced INTEGER NOT NULL DEFAULT 0, replaced_at REAL);
CREATE INDEX IF NOT EXISTS token_of_account ON token (account, family);
CREATE TABLE IF NOT EXISTS usage (
    account TEXT NOT NULL, name TEXT NOT NULL, period TEXT NOT NULL, calls INTEGER NOT NULL,
    PRIMARY KEY (account, name, period));
CREATE TABLE IF NOT EXISTS material (
    position INTEGER PRIMARY KEY, media_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, type TEXT NOT NULL,
    name TEXT NOT NULL, content_type TEXT NOT NULL, content BLOB NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS draft (
    position INTEGER PRIMARY KEY, media_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
    articles TEXT NOT NULL, updated_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS draft_of_account ON draft (account);
CREATE TABLE IF NOT EXISTS publication (
    publish_id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, article_id TEXT NOT NULL UNIQUE, origin TEXT NOT NULL,
    articles TEXT NOT NULL, status INTEGER NOT NULL, outcome INTEGER NOT NULL, due_at REAL NOT NULL,
    published_at REAL, told INTEGER NOT NULL DEFAULT 0);
-- Ids begin where real ones stand and are never given twice, not even after a reset.
INSERT INTO sqlite_sequence (name, seq) SELECT 'publication', 2247483650
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'publication');
CREATE INDEX IF NOT EXISTS publication_of_account ON publication (account, status);
CREATE INDEX IF NOT EXISTS publication_untold ON publication (told) WHERE told = 0;
CREATE TABLE IF NOT EXISTS status (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, sent TEXT NOT NULL, text TEXT NOT NULL, picture TEXT,
    created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS status_of_account ON status (account, id);
CREATE TABLE IF NOT EXISTS picture (id TEXT PRIMARY KEY, content_type TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS short_link (code TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS oauth_code (
    code TEXT PRIMARY KEY, account TEXT NOT NULL, redirect_uri TEXT NOT NULL, issued_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    query TEXT NOT NULL, body TEXT NOT NULL, status INTEGER, answer TEXT NOT NULL, fault TEXT);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, action TEXT NOT NULL, value TEXT NOT NULL,
    remaining INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# Tokens belong to the accounts: whoever holds one goes on after a reset.
_EMPTIED: Final = (
    "usage", "material", "draft", "publication", "status", "picture", "short_link", "oauth_code", "request", "fault", "setting",
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

    def empty(self) -> dict[str, int]:
        """Forgets all but the accounts and their tokens; returns how many rows each table has now."""
        with self.transaction():
            for table in _EMPTIED:
                self.run(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        return dict.fromkeys(_EMPTIED, 0)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()
