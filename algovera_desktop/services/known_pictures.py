"""Which files the library has, by where they lie and by what they hold."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Literal

Known = dict[str, tuple[int, bool]]
"""What was asked for, with the record's id and whether it lies in the trash."""


def known_paths(connection: sqlite3.Connection, paths: Sequence[str]) -> Known:
    """Those of the paths, as records have them, that have one."""
    return _known(connection, "path", paths)


def known_pictures(connection: sqlite3.Connection, hashes: Sequence[str]) -> Known:
    """Those of the SHA-256 that a record has; of several the one outside the trash."""
    return _known(connection, "sha256", hashes)


def _known(
    connection: sqlite3.Connection, column: Literal["path", "sha256"], values: Sequence[str]
) -> Known:
    statement = f"""SELECT {column}, id, trashed_at IS NOT NULL FROM images
                    WHERE {column} IN (SELECT value FROM json_each(?))
                    ORDER BY trashed_at IS NULL"""

    rows = connection.execute(statement, (json.dumps(list(values)),))
    return {value: (image_id, bool(is_trashed)) for value, image_id, is_trashed in rows}
