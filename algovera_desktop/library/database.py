"""The one SQLite file that holds pictures and jobs, so that both change in one transaction.

Settings and why: WAL, so that the gallery reads while a job is written; ``synchronous=FULL``,
so that what was committed outlives a power cut; one writer thread with one connection, so
that no write ever waits for a lock of our own making. What was written is copied from the WAL into
the file after whoever wrote it has gone on: a thousand rows of a large library are ten thousand
pages, and the copying takes as long as the writing.
"""

import shutil
import sqlite3
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    DiskFullError,
    LibraryBusyError,
    LibraryCorruptError,
    LibraryError,
    SchemaTooNewError,
)
from algovera_desktop.library.durable import make_folder, os_errors_translated
from algovera_desktop.library.lock import ProcessLock
from algovera_desktop.library.making import make
from algovera_desktop.library.migrations import (
    APPLICATION_ID,
    MIGRATIONS,
    Migration,
    OnProgress,
    schema_version,
    untold,
)
from algovera_desktop.library.reachable import is_empty_file
from algovera_desktop.library.replacement import finish, suspicion_path, was_left_open
from algovera_desktop.library.upgrade import upgrade

T = TypeVar("T")

_FOREIGN_LOCK_PATIENCE_MS = 5000
_NEARLY_FULL_BYTES = 1 << 20
_ROWS_TO_CHECKPOINT = 250
"""About as many rows as fill a thousand pages, SQLite's own measure of when it is time."""

_ERRORS: dict[int, type[LibraryError]] = {
    sqlite3.SQLITE_BUSY: LibraryBusyError,
    sqlite3.SQLITE_LOCKED: LibraryBusyError,
    sqlite3.SQLITE_FULL: DiskFullError,
    sqlite3.SQLITE_CORRUPT: LibraryCorruptError,
    sqlite3.SQLITE_NOTADB: LibraryCorruptError,
    sqlite3.SQLITE_IOERR: LibraryError,
    sqlite3.SQLITE_CANTOPEN: LibraryError,
    sqlite3.SQLITE_READONLY: LibraryError,
    sqlite3.SQLITE_PERM: LibraryError,
    sqlite3.SQLITE_PROTOCOL: LibraryError,
}
"""By primary result code (sqlite.org/rescode.html). What is missing is our own bug."""


class Database:
    """Reads and writes of the library's file; every call blocks and belongs on a worker thread.

    All calls raise LibraryBusyError, DiskFullError, LibraryCorruptError or LibraryError.
    """

    def __init__(
        self,
        path: Path,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
        token: CancelToken | None = None,
        on_progress: OnProgress = untold,
    ) -> None:
        """Open or make the file, bringing an older one up to date; that one is kept beside it.

        Costs the same for a million pictures as for none, but for an older file, of which
        ``on_progress`` is told and which ``token`` can stop: JobCancelledError. Raises
        LibraryBusyError while another process has the file, SchemaTooNewError for one of a later
        program (untouched). ``was_left_open`` tells whether whoever had it last was cut off,
        ``older`` where the older file lies now, if there was one.
        """
        self._path = path
        with os_errors_translated(f"cannot make the folder {path.parent}"):
            make_folder(path.parent)
        self._lock = ProcessLock(path.with_name(path.name + ".lock"))
        self._readers = _ReaderPool(path)
        self.was_left_open = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="library-writer")
        self._closed = False
        self._rows_in_file = 0
        try:
            finish(path)
            self.was_left_open = was_left_open(path)
            opening = self._executor.submit(
                _open_writer, path, migrations, token or CancelToken(), on_progress
            )
            self._writer, self.older = opening.result()
        except BaseException:
            self._executor.shutdown()
            self._lock.release()
            raise

    def write(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``operation`` in one transaction; when this returns, it is on the disk.

        An exception in ``operation`` undoes all of it and is raised here.
        """
        try:
            future = self._executor.submit(self._transact, operation)
        except RuntimeError as error:
            raise LibraryError("the library is closed") from error
        return future.result()

    def read(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``operation``, on this thread, over one unchanging view of the file."""
        with sqlite_errors_translated(self._path), self._readers.connection() as connection:
            connection.execute("BEGIN")
            try:
                return operation(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Finish the writes under way and let the file go. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._readers.close()
        self._executor.shutdown()
        self._writer.close()
        self._lock.release()

    def _transact(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        with sqlite_errors_translated(self._path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = operation(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                # SQLite itself has rolled back after some errors, a full disk among them.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
        if self._is_checkpoint_due():
            with suppress(RuntimeError):  # Closing, which does it too.
                self._executor.submit(self._checkpoint)
        return result

    def _checkpoint(self) -> None:
        """Whatever goes wrong here, nothing is lost: it stands in the WAL, and is tried again."""
        if self._is_checkpoint_due():
            with suppress(sqlite3.Error):
                self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
                self._rows_in_file = self._writer.total_changes

    def _is_checkpoint_due(self) -> bool:
        return self._writer.total_changes - self._rows_in_file >= _ROWS_TO_CHECKPOINT


class _ReaderPool:
    """As many read connections as threads ever read at the same moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def connection(self) -> Generator[sqlite3.Connection, None, None]:
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        with self._guard:
            if self._closed:
                raise LibraryError("the library is closed")
            if self._idle:
                return self._idle.pop()
        connection = _connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    # Transactions are begun and ended by our own words only. A connection is used by one
    # thread at a time, though not always by the one that opened it.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout = {_FOREIGN_LOCK_PATIENCE_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _open_writer(
    path: Path, migrations: Sequence[Migration], token: CancelToken, on_progress: OnProgress
) -> tuple[sqlite3.Connection, Path | None]:
    older = None
    with sqlite_errors_translated(path):
        if is_empty_file(path):
            raise LibraryCorruptError(f"{path} is empty")
        if not (path.exists() or path.is_symlink()):
            make(path, migrations)
        connection = _connect(path)
        try:
            if _recognised_version(connection, path, len(migrations)) < len(migrations):
                older = upgrade(path, connection, migrations, token, on_progress)
                connection = _connect(path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")
            connection.execute("PRAGMA checkpoint_fullfsync = ON")
            # The first look makes the log, by which the next start knows if this one was cut off.
            schema_version(connection)
        except BaseException:
            connection.close()
            raise
    return connection, older


def _recognised_version(connection: sqlite3.Connection, path: Path, latest: int) -> int:
    """The file's schema version. Nothing is written to a file not ours."""
    version = schema_version(connection)
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if owner != APPLICATION_ID:
        raise LibraryCorruptError(f"{path} is not a library of this program")
    if version > latest:
        raise SchemaTooNewError(f"{path} has version {version}, this program knows {latest}")
    return version


@contextmanager
def sqlite_errors_translated(path: Path) -> Generator[None, None, None]:
    """Turn SQLite's errors over the file ``path`` into LibraryError's kinds; not our own bugs."""
    try:
        yield
    except sqlite3.Error as error:
        code: int | None = getattr(error, "sqlite_errorcode", None)
        translated = _ERRORS.get(code & 0xFF) if code is not None else None
        if translated is None:
            raise
        if translated is LibraryError and _is_nearly_full(path.parent):
            # A quota, and the file that WAL shares between processes, fail as "I/O error".
            translated = DiskFullError
        if translated is LibraryCorruptError:
            _remember_damage(path)
        raise translated(f"{path}: {error}") from error


def _remember_damage(path: Path) -> None:
    """So that the next start looks at the file before it opens it."""
    with suppress(OSError):
        suspicion_path(path).touch()


def _is_nearly_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _NEARLY_FULL_BYTES
    except OSError:
        return False
