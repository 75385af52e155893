"""The server's one database: keys, and jobs with their states."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from algovera_desktop.server.sql import Operation, Session
from algovera_desktop.server.sql_sqlite import SqliteSession

T = TypeVar("T")


class Database:
    """All access goes through one connection on one thread, each operation a transaction.

    Raises LibraryError or its children. Only the owner of the file can read it (0600).
    """

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="server-database")
        try:
            self._session: Session = self._thread.submit(SqliteSession, path).result()
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
