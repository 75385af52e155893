"""Merges the pieces of the index of words, so that neither a write nor a search has to wait."""

import sqlite3

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.library.database import Database

_STEP_PAGES = 16
"""So many pages of 4 kB take 2 to 3 ms of processor time at a million pictures, four times as many
took 9; with the disk's own time that is how long a write waits, for no step is asked for before
the one before is done."""
_PAUSE_S = 0.01
_MERGE = "INSERT INTO images_text (images_text, rank) VALUES ('merge', ?)"
_NOTHING_DONE = 1
"""The rows that SQLite counts as changed when there was nothing to merge: the command's own."""


class IndexKeeper:
    """Does in small steps what ``migrations.TEXT_OPTIONS`` keeps the writes from doing.

    A search looks into every piece. Pieces are merged by sixteen of about the same size; so the
    one that holds most of a large library is written anew very rarely, in the course of a minute.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, token: CancelToken) -> int:
        """Merge until nothing is left to merge; returns the number of steps.

        What was done stays done if it is cancelled or the process dies: the next call goes on.
        Blocks. Raises JobCancelledError, and LibraryError's kinds.
        """
        steps = 0
        token.raise_if_cancelled()
        while self._database.write(_merge_some):
            steps += 1
            token.wait(_PAUSE_S)
        return steps


def _merge_some(connection: sqlite3.Connection) -> bool:
    """Whether there was something to merge."""
    before = connection.total_changes
    connection.execute(_MERGE, (_STEP_PAGES,))
    return connection.total_changes - before > _NOTHING_DONE
