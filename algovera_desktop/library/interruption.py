"""A statement that runs for seconds is ended when its work is cancelled."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError


@contextmanager
def interruptible(connection: sqlite3.Connection, token: CancelToken) -> Generator[None]:
    """Inside, cancelling the token ends the statement that runs; never one of another's later.

    Raises JobCancelledError.
    """
    guard = Lock()
    is_running = True

    def interrupt() -> None:
        with guard:
            if is_running:
                connection.interrupt()

    try:
        token.raise_if_cancelled()
        with token.interrupting(interrupt):
            yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT and token.cancelled:
            raise JobCancelledError from error
        raise
    finally:
        with guard:
            is_running = False
