"""Which files the library has, by where they lie and by what they hold."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Literal

from algovera_desktop.library.database import Database

Known = dict[str, tuple[int, bool]]
"""What was asked for, with the record's id and whether it lies in the trash."""


def known_paths(database: Database, paths: Sequence[str]) -> Known:
    """Those of the paths, as records have them, that have one."""
    return _known(database, "path", paths)


def known_pictures(database: Database, hashes: Sequence[str]) -> Known:
    """Those of the SHA-256 that a record has; of several the one outside the trash."""
    return _known(database, "sha256", hashes)


def _known(database: Database, column: Literal["path", "sha256"], values: Sequence[str]) -> Known:
    statement = f"""SELECT {column}, id, trashed_at IS NOT NULL FROM images
                    WHERE {column} IN (SELECT value FROM json_each(?))
                    ORDER BY trashed_at IS NULL"""

    def find(connection: sqlite3.Connection) -> Known:
        rows = connection.execute(statement, (json.dumps(list(values)),))
        return {value: (image_id, bool(is_trashed)) for value, image_id, is_trashed in rows}

    return database.read(find)
