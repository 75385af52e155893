"""The server's one SQLite file: keys, and jobs with their states."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from algovera_desktop.domain.errors import (
    DiskFullError,
    LibraryBusyError,
    LibraryCorruptError,
    LibraryError,
    SchemaTooNewError,
)

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

MIGRATIONS = (
    """
    CREATE TABLE keys (
        id TEXT PRIMARY KEY,             -- the key's first 8 characters; never used again
        name TEXT NOT NULL,
        salt BLOB NOT NULL,
        digest BLOB NOT NULL,            -- SHA-256(salt + key)
        created_at REAL NOT NULL,        -- all times: seconds since 1970, UTC
        last_used_at REAL,
        revoked_at REAL
    );
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,             -- a key's id, or 'local'
        state TEXT NOT NULL,
        request TEXT NOT NULL,           -- a GenerationRequest as JSON
        attempts INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL,
        finished_at REAL
    );
    CREATE INDEX jobs_by_state ON jobs (state, number);
    """,
    """
    CREATE TABLE client_refs (           -- for ever: a job that was deleted is not made again
        owner TEXT NOT NULL,
        client_ref TEXT NOT NULL,        -- the client's own name for one wish
        job_id TEXT NOT NULL,
        PRIMARY KEY (owner, client_ref)
    ) WITHOUT ROWID;
    """,
)
"""Each applied once, in order, in a transaction with the number that records it."""


class Database:
    """All access goes through one connection on one thread, each operation a transaction.

    Raises LibraryError or its children. Only the owner of the file can read it (0600).
    """

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="server-database")
        try:
            self._connection = self._thread.submit(_open, path).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def call(self, operation: Operation[T]) -> T:
        """Run an operation as one transaction; blocks."""
        return self._submit(operation).result()

    async def run(self, operation: Operation[T]) -> T:
        """Run an operation as one transaction without holding up the event loop."""
        return await asyncio.wrap_future(self._submit(operation))

    def close(self) -> None:
        """Close after what is under way; calling it again does nothing."""
        with suppress(RuntimeError):  # the thread has been shut down before
            self._thread.submit(self._connection.close)
        self._thread.shutdown()

    def _submit(self, operation: Operation[T]) -> Future[T]:
        return self._thread.submit(_transact, self._connection, operation)


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, isolation_level=None, timeout=5.0)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(f"{path} cannot be opened: {error}") from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _transact(connection, _migrate)
    except sqlite3.Error as error:
        connection.close()
        raise translated(error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise SchemaTooNewError("The server's database was written by a later version.")
    for number, migration in enumerate(MIGRATIONS[version:], version + 1):
        for statement in _statements(migration):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> list[str]:
    """The script's statements; ``executescript`` would commit the transaction first."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements


def _transact(connection: sqlite3.Connection, operation: Operation[T]) -> T:
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = operation(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise translated(error) from error
    return result


def translated(error: sqlite3.Error) -> LibraryError:
    """The domain's error for one of SQLite's."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusyError("Another program holds the server's database.")
    if code == sqlite3.SQLITE_FULL:
        return DiskFullError("No space is left for the server's database.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return LibraryCorruptError("The server's database is damaged.")
    return LibraryError(f"The server's database failed: {error}")
