"""The server's database as one SQLite file."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from algovera_desktop.domain.errors import (
    DiskFullError,
    LibraryBusyError,
    LibraryCorruptError,
    LibraryError,
    SchemaTooNewError,
)
from algovera_desktop.server.sql import MIGRATIONS, Operation, statements

T = TypeVar("T")

_WHAT_TO_DO = (
    "Give {} another name, and the server begins a new one. It holds jobs and keys, no pictures."
)


class SqliteSession:
    """The file, made if it is not there. Only its owner can read it (0600).

    Raises LibraryError or its children.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        except (OSError, sqlite3.Error) as error:
            raise LibraryError(f"{path} cannot be opened: {error}") from error
        try:
            self._prepare(path)
        except LibraryCorruptError as error:
            self._connection.close()
            raise LibraryCorruptError(f"{error} {_WHAT_TO_DO.format(path)}") from error
        except BaseException:
            self._connection.close()
            raise

    def transact(self, operation: Operation[T]) -> T:
        """Run an operation as one transaction."""
        connection = self._connection
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

    def close(self) -> None:
        self._connection.close()

    def _prepare(self, path: Path) -> None:
        try:
            if 0 < _version(self._connection) < len(MIGRATIONS):
                _back_up(self._connection, path)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            raise translated(error) from error
        self.transact(lambda _: _migrate(self._connection))


def _version(connection: sqlite3.Connection) -> int:
    """The schema's; raises SchemaTooNewError, with nothing written yet."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise SchemaTooNewError(
            "The server's database was written by a later version of the program. Install that."
        )
    return version


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Keep the file as it is before it is brought up to date, for its owner alone to read."""
    target = path.with_name(f"{path.name}.before-{_version(connection) + 1}")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(part)) as copy:
            connection.backup(copy)
        part.replace(target)
    except OSError as error:
        raise LibraryError(f"{target} cannot be written: {error.strerror}") from error
    except BaseException:
        # A disk that it has filled has no room left for anything else.
        part.unlink(missing_ok=True)
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    for number, migration in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements(migration):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")


def translated(error: sqlite3.Error) -> LibraryError:
    """The domain's error for one of SQLite's."""
    extended_code = getattr(error, "sqlite_errorcode", 0)
    code = extended_code & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryBusyError("Another program holds the server's database.")
    # The second: not even the file that a WAL database is opened with can be made.
    if code == sqlite3.SQLITE_FULL or extended_code == sqlite3.SQLITE_IOERR_SHMSIZE:
        return DiskFullError("No space is left for the server's database.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return LibraryCorruptError("The server's database is damaged.")
    return LibraryError(f"The server's database failed: {error}")
