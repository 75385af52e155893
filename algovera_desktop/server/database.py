"""The server's one database: keys, and jobs with their states."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.programs import with_pip
from algovera_desktop.server.sql import Operation, Session
from algovera_desktop.server.sql_sqlite import SqliteSession

T = TypeVar("T")


class Database:
    """All access goes through one connection on one thread, each operation a transaction.

    ``place`` is a SQLite file, or the address of a PostgreSQL database (``postgresql://…``, from
    which ``alone`` keeps a second server away). Raises LibraryError or its children.
    """

    def __init__(self, place: Path | str, alone: bool = False) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="server-database")
        try:
            self._session = self._thread.submit(_open, place, alone).result()
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
            self._thread.submit(self._session.close)
        self._thread.shutdown()

    def _submit(self, operation: Operation[T]) -> Future[T]:
        return self._thread.submit(self._session.transact, operation)


def _open(place: Path | str, alone: bool) -> Session:
    if isinstance(place, Path):
        return SqliteSession(place)
    try:
        from algovera_desktop.server.sql_postgres import PostgresSession
    except ImportError as error:
        raise LibraryError(
            f"PostgreSQL needs what is not installed: {with_pip('algovera-desktop[cluster]')}."
        ) from error
    return PostgresSession(place, alone)
