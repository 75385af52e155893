"""A cache of small pictures, already encoded. Losing it costs time, never a picture."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES = 1 << 30
_KEPT_SHARE = 0.9
_EVICTED_AT_ONCE = 256
_REMEMBERED_USES = 512
_LAYOUT_VERSION = 1


class ThumbnailCache:
    """Thumbnails by the picture's SHA-256 (hex) and the length of their longer side in pixels.

    Never raises: a cache that cannot be read or written is made anew, or goes without. Any
    thread may call it, but it touches the disk, so not the interface's. Above ``limit_bytes``
    it forgets what was longest not looked at.
    """

    def __init__(self, path: Path, *, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._lock = Lock()
        self._used: dict[tuple[str, int], int] = {}
        self._connection = _open_or_none(path)

    def get(self, sha256: str, size_px: int) -> bytes | None:
        """The bytes that were put there, None if there are none (any more)."""

        def find(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "SELECT data FROM thumbnails WHERE sha256 = ? AND size_px = ?", (sha256, size_px)
            ).fetchone()
            if row is None:
                return None
            self._used[sha256, size_px] = time.time_ns()
            if len(self._used) >= _REMEMBERED_USES:
                self._note_uses(connection)
            return row[0]

        return self._attempt(find)

    def put(self, sha256: str, size_px: int, data: bytes) -> None:
        """Keep a thumbnail, in the place of one of the same name."""

        def store(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?, ?)",
                (sha256, size_px, time.time_ns(), data),
            )
            if _size_bytes(connection) > self._limit_bytes:
                self._note_uses(connection)
                _evict(connection, int(self._limit_bytes * _KEPT_SHARE))

        self._attempt(store)

    def forget(self, sha256s: Iterable[str]) -> None:
        """Keep nothing any more of these pictures, in any size."""
        gone = [(sha256,) for sha256 in sha256s]
        self._attempt(
            lambda connection: connection.executemany(
                "DELETE FROM thumbnails WHERE sha256 = ?", gone
            )
        )

    def close(self) -> None:
        """Let the file go; after this nothing is found or kept. Idempotent."""
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._note_uses(self._connection)
                self._connection.close()
                self._connection = None

    def _attempt(self, operation: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._lock:
            if self._connection is None:
                return None
            try:
                with self._connection:
                    return operation(self._connection)
            except sqlite3.Error as error:
                _log.warning("thumbnail cache made anew: %s", error)
                self._connection.close()
                self._used.clear()
                self._connection = _make_anew(self._path)
                return None

    def _note_uses(self, connection: sqlite3.Connection) -> None:
        connection.executemany(
            "UPDATE thumbnails SET used = ? WHERE sha256 = ? AND size_px = ?",
            [(used, *key) for key, used in self._used.items()],
        )
        self._used.clear()


def _open_or_none(path: Path) -> sqlite3.Connection | None:
    try:
        return _open(path)
    except (sqlite3.Error, OSError):
        return _make_anew(path)


def _make_anew(path: Path) -> sqlite3.Connection | None:
    try:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _open(path)
    except (sqlite3.Error, OSError) as error:
        _log.warning("no thumbnail cache: %s", error)
        return None


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, _LAYOUT_VERSION):
            raise sqlite3.DatabaseError("another version's layout")
        with connection:
            connection.execute(
                """CREATE TABLE IF NOT EXISTS thumbnails (
                    sha256 TEXT NOT NULL,
                    size_px INTEGER NOT NULL,
                    used INTEGER NOT NULL,
                    data BLOB NOT NULL,
                    PRIMARY KEY (sha256, size_px)
                )"""
            )
            connection.execute("CREATE INDEX IF NOT EXISTS thumbnails_used ON thumbnails (used)")
            connection.execute(f"PRAGMA user_version = {_LAYOUT_VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


def _size_bytes(connection: sqlite3.Connection) -> int:
    """What the file's pages in use take; the same effort whatever their number."""
    pages, free, page_bytes = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * page_bytes


def _evict(connection: sqlite3.Connection, target_bytes: int) -> None:
    while _size_bytes(connection) > target_bytes:
        cursor = connection.execute(
            """DELETE FROM thumbnails WHERE rowid IN
               (SELECT rowid FROM thumbnails ORDER BY used LIMIT ?)""",
            (_EVICTED_AT_ONCE,),
        )
        if cursor.rowcount == 0:
            return
