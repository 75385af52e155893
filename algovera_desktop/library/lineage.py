"""What a picture was varied from, and what was varied from it."""

import sqlite3

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import record_from

_BY_HASH = "SELECT * FROM images WHERE sha256 = ? ORDER BY trashed_at IS NOT NULL, id LIMIT 1"
_CHILDREN = """SELECT * FROM images
    WHERE parent_sha256 = ? AND parent_sha256 <> '' AND trashed_at IS NULL
    ORDER BY id LIMIT ?"""


class Lineage:
    """Follows ``parent_sha256`` up and down. Every call blocks and raises LibraryError's kinds.

    By the files' contents and not by ids: it holds over a rebuild of the library and for
    pictures that were brought in from another one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def parents(self, record: ImageRecord, limit: int = 4) -> list[ImageRecord]:
        """The picture that ``record`` was varied from, then the one that this came from, and so
        on: the nearest first, ``limit`` at most. One in the trash is passed over."""

        def walk(connection: sqlite3.Connection) -> list[ImageRecord]:
            found: list[ImageRecord] = []
            # A file can be made to name itself, or its own child, as its parent.
            seen = {record.sha256}
            sha256 = record.parent_sha256
            while sha256 and sha256 not in seen and len(found) < limit:
                seen.add(sha256)
                row = connection.execute(_BY_HASH, (sha256,)).fetchone()
                if row is None:
                    break
                parent = record_from(row)
                if parent.trashed_at is None:
                    found.append(parent)
                sha256 = parent.parent_sha256
            return found

        return self._database.read(walk)

    def children(self, record: ImageRecord, limit: int = 12) -> list[ImageRecord]:
        """What was varied from ``record``, the first one first; none in the trash."""

        def find(connection: sqlite3.Connection) -> list[ImageRecord]:
            rows = connection.execute(_CHILDREN, (record.sha256, limit))
            return [one for one in map(record_from, rows) if one.sha256 != record.sha256]

        return self._database.read(find)
