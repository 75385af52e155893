"""Whether the library's file is whole: looked at after it was not closed, never at a good start."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryCorruptError
from algovera_desktop.library.database import Database
from algovera_desktop.library.interruption import interruptible
from algovera_desktop.library.migrations import APPLICATION_ID
from algovera_desktop.library.reachable import is_empty_file
from algovera_desktop.library.replacement import suspicion_path

_CHECK_DUE = "health.check_due"
_MOST_FINDINGS = 20
_OUR_TABLES = frozenset({"images", "jobs"})
"""By these we know our own, should damage have taken the id."""


class LibraryHealth:
    """Checks an open library in the background. SQLite does it in one statement, without Python:
    the window is not held up, and the pictures can be used meanwhile."""

    def __init__(self, database: Database, library_file: Path) -> None:
        self._database = database
        self._library_file = library_file

    def is_check_due(self) -> bool:
        """Whether the library was left open, now or before a check that did not come to its end."""
        if self._database.was_left_open:
            self._database.write(_remember_check)
            return True
        statement = "SELECT count(*) FROM facts WHERE name = ?"
        return self._database.read(
            lambda connection: connection.execute(statement, (_CHECK_DUE,)).fetchone()[0] > 0
        )

    def check(self, token: CancelToken) -> tuple[str, ...]:
        """What is wrong with the file, in SQLite's words; nothing if all is well.

        Takes seconds for a million pictures. With findings, the next start looks again before it
        opens the file. Raises JobCancelledError; the check stays due then.
        """
        try:
            findings = self._database.read(lambda connection: _findings(connection, token))
        except LibraryCorruptError as error:
            findings = (str(error),)
        if findings:
            with suppress(OSError):
                suspicion_path(self._library_file).touch()
        else:
            self._database.write(_forget_check)
        return findings


def damage_in(library_file: Path, token: CancelToken) -> tuple[str, ...]:
    """What is wrong with a file that nobody has open; it is not written. Raises
    JobCancelledError."""
    try:
        with closing(open_read_only(library_file)) as connection:
            return _findings(connection, token)
    except sqlite3.Error as error:
        return (str(error),)


def is_foreign(library_file: Path) -> bool:
    """Whether this is a readable database of another program, which nobody here may move."""
    try:
        with closing(open_read_only(library_file)) as connection:
            owner = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error:
        return False
    return owner != APPLICATION_ID and bool(tables) and not tables.issuperset(_OUR_TABLES)


def open_read_only(library_file: Path) -> sqlite3.Connection:
    """A connection that cannot change the file, nor take its log in. Raises sqlite3.Error, for an
    empty file too, which SQLite would take for a new one and find all well."""
    if is_empty_file(library_file):
        raise sqlite3.DatabaseError(f"{library_file} is empty")
    return sqlite3.connect(
        f"{library_file.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )


def _findings(connection: sqlite3.Connection, token: CancelToken) -> tuple[str, ...]:
    with interruptible(connection, token):
        found = connection.execute(f"PRAGMA integrity_check({_MOST_FINDINGS})").fetchall()
    lines = tuple(str(row[0]) for row in found)
    return () if lines == ("ok",) else lines


def _remember_check(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, '')", (_CHECK_DUE,))


def _forget_check(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM facts WHERE name = ?", (_CHECK_DUE,))
