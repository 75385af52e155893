"""Which files outside the program's own folder are ours to delete, and which are the user's.

A picture in a folder that the user has chosen may have been copied there by an import, or have
lain there all along, and nothing else tells them apart. A copy that was moved or changed since
counts as the user's. So does a file outside our folders that a picture was given later: by
"Locate…", or because it was found there.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import PurePath

_PREFIX = "copied to "
_LEFT_PREFIX = "left at "

IS_COPY = f"""EXISTS (SELECT 1 FROM facts
                      WHERE name = '{_PREFIX}' || images.path AND value = images.sha256)"""
"""A condition on a row of ``images``: its file is such a copy."""

IS_LEFT = f"EXISTS (SELECT 1 FROM facts WHERE name = '{_LEFT_PREFIX}' || images.path)"
"""The same: it was given a file of the user's."""


def remember_copies(connection: sqlite3.Connection, copies: Iterable[tuple[str, str]]) -> None:
    """Note copies, by the paths of their records and SHA-256, inside someone's write transaction.
    What lies in our own folder is ours without a note."""
    notes = [(_PREFIX + path, sha256) for path, sha256 in copies if PurePath(path).is_absolute()]
    connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", notes)


def remember_left(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Note the user's files that pictures were given, inside someone's write transaction."""
    notes = [(_LEFT_PREFIX + path,) for path in paths]
    connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, '')", notes)


def forget_copies(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> None:
    """Drop the notes of pictures whose records are about to go."""
    for prefix in (_PREFIX, _LEFT_PREFIX):
        paths = f"SELECT '{prefix}' || path FROM images WHERE {condition}"
        connection.execute(f"DELETE FROM facts WHERE name IN ({paths})", values)
