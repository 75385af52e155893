"""Which pictures outside the program's own folder are copies that an import made there.

A picture in a folder that the user has chosen may have been copied there, or have lain there all
along. The one is ours to delete, the other is not, and nothing else tells them apart. A copy that
was moved or changed since counts as the user's.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import PurePath

_PREFIX = "copied to "

IS_COPY = f"""EXISTS (SELECT 1 FROM facts
                      WHERE name = '{_PREFIX}' || images.path AND value = images.sha256)"""
"""A condition on a row of ``images``."""


def remember_copies(connection: sqlite3.Connection, copies: Iterable[tuple[str, str]]) -> None:
    """Note copies, by the paths of their records and SHA-256, inside someone's write transaction.
    What lies in our own folder is ours without a note."""
    notes = [(_PREFIX + path, sha256) for path, sha256 in copies if PurePath(path).is_absolute()]
    connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", notes)


def forget_copies(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> None:
    """Drop the notes of pictures whose records are about to go."""
    paths = f"SELECT '{_PREFIX}' || path FROM images WHERE {condition}"
    connection.execute(f"DELETE FROM facts WHERE name IN ({paths})", values)
