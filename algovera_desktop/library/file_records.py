"""What the records say of the pictures' files, to be compared with the disk, a few at a time."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from algovera_desktop.library.copied_files import remember_left
from algovera_desktop.library.database import Database
from algovera_desktop.library.picture_file import PictureFile

_COLUMNS = """id, path, sha256, size_bytes, modified_ns, missing_since IS NOT NULL AS is_missing,
              rating OR is_favourite OR notes <> '' OR tags <> '' OR albums <> '' AS is_curated"""
_LOOKED_AT = "reconcile.sidecars_ns"
_LOOK_AT_SIDECAR = "UPDATE images SET sidecar_due = sidecar_due + 1 WHERE id = ?"
_SEEN = """UPDATE OR IGNORE images SET path = ?, modified_ns = ?, missing_since = NULL
           WHERE id = ?"""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """``modified_ns`` is the file's time of change as last seen, 0 if it never was."""

    id: int
    path: str
    sha256: str
    size_bytes: int
    modified_ns: int
    is_missing: bool
    is_curated: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that is where its record says, unchanged but for its time; or at ``path`` now.
    ``is_left`` tells of one that lies outside our folders, and is not ours to delete."""

    id: int
    path: str
    modified_ns: int
    is_left: bool = False


class FileRecords:
    """Reads and writes them. Every call blocks and raises LibraryError's kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """About how many there are; does not count them."""
        statement = "SELECT coalesce(max(id), 0) FROM images"
        return self._database.read(lambda connection: connection.execute(statement).fetchone()[0])

    def page(self, after_id: int, limit: int) -> list[FileRecord]:
        """The next records by their ids."""
        condition = "id > ? ORDER BY id LIMIT ?"
        return self._select(condition, (after_id, limit))

    def below(self, folder: str, after_path: str, limit: int) -> list[FileRecord]:
        """The next records, by their paths, of pictures anywhere below a folder; "" is our own."""
        if folder:
            condition = "path > ? AND path >= ? || '/' AND path < ? || '0' ORDER BY path LIMIT ?"
            return self._select(condition, (after_path, folder, folder, limit))
        condition = "path > ? AND path NOT GLOB '/*' AND path NOT GLOB '?:/*' ORDER BY path LIMIT ?"
        return self._select(condition, (after_path, limit))

    def one(self, image_id: int) -> FileRecord | None:
        return next(iter(self._select("id = ?", (image_id,))), None)

    def missing(self, limit: int) -> list[FileRecord]:
        """Pictures that are known to be missing."""
        return self._select("missing_since IS NOT NULL ORDER BY id LIMIT ?", (limit,))

    def unknown(self, paths: Sequence[str]) -> list[str]:
        """Those of the paths that no record has, nor a job or an import that is storing there."""
        return self._database.read(lambda connection: unknown_in(connection, paths))

    def mark_missing(self, ids: Sequence[int], stamp: int) -> None:
        """``stamp`` is in microseconds since 1970."""
        self._change(
            "UPDATE images SET missing_since = ? WHERE id = ? AND missing_since IS NULL",
            [(stamp, image_id) for image_id in ids],
        )

    def mark_seen(self, seen: Sequence[Seen]) -> None:
        """There, if perhaps elsewhere than before. One whose place another record has taken
        stays as it is."""
        if seen:
            self._database.write(lambda connection: _see(connection, seen))

    def change_places(
        self, ousted: Sequence[tuple[int, str]], moved: Sequence[Seen], sidecars: Sequence[int]
    ) -> None:
        """Let pictures have the paths of others, which have these paths until they are found, and
        have these pictures' sidecars looked at: all of it, or after a crash nothing."""

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "UPDATE OR IGNORE images SET path = ? WHERE id = ?",
                [(path, image_id) for image_id, path in ousted],
            )
            _see(connection, moved)
            connection.executemany(_LOOK_AT_SIDECAR, [(image_id,) for image_id in sidecars])

        self._database.write(change)

    def mark_altered(self, image_id: int, picture: PictureFile) -> None:
        """There, with other bytes. What it was made from stays as it was."""
        image = picture.image
        values = (image.sha256, image.size_bytes, image.media_type, image.width, image.height)
        self._change(
            """UPDATE images SET sha256 = ?, size_bytes = ?, media_type = ?, width = ?, height = ?,
                      modified_ns = ?, missing_since = NULL WHERE id = ?""",
            [(*values, picture.modified_ns, image_id)],
        )

    def have_sidecars_looked_at(self, ids: Sequence[int]) -> None:
        """Whoever writes sidecars reads them first, and takes over what others have written."""
        self._change(_LOOK_AT_SIDECAR, [(image_id,) for image_id in ids])

    def sidecars_looked_at_ns(self) -> int:
        """When the last look at all sidecars began, by the disk's clock; 0 for never."""
        statement = "SELECT value FROM facts WHERE name = ?"
        row = self._database.read(
            lambda connection: connection.execute(statement, (_LOOKED_AT,)).fetchone()
        )
        return 0 if row is None else int(row[0])

    def remember_sidecars_looked_at(self, began_ns: int) -> None:
        self._change("INSERT OR REPLACE INTO facts VALUES (?, ?)", [(_LOOKED_AT, str(began_ns))])

    def _select(self, condition: str, values: tuple[str | int, ...]) -> list[FileRecord]:
        statement = f"SELECT {_COLUMNS} FROM images WHERE {condition}"
        rows = self._database.read(
            lambda connection: connection.execute(statement, values).fetchall()
        )
        return [_record(row) for row in rows]

    def _change(self, statement: str, values: Sequence[tuple[str | int, ...]]) -> None:
        if values:
            self._database.write(lambda connection: connection.executemany(statement, values))


def _see(connection: sqlite3.Connection, seen: Sequence[Seen]) -> None:
    connection.executemany(_SEEN, [(one.path, one.modified_ns, one.id) for one in seen])
    remember_left(connection, [one.path for one in seen if one.is_left])


def _record(row: sqlite3.Row) -> FileRecord:
    return FileRecord(
        id=row["id"],
        path=row["path"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        modified_ns=row["modified_ns"],
        is_missing=bool(row["is_missing"]),
        is_curated=bool(row["is_curated"]),
    )


def unknown_in(connection: sqlite3.Connection, paths: Sequence[str]) -> list[str]:
    """As ``FileRecords.unknown``, inside someone's transaction.

    A file that a job has just stored has its record in a moment, and so has an import's copy.
    """
    statement = """
        SELECT value FROM json_each(:paths) AS given
        WHERE NOT EXISTS (SELECT 1 FROM images WHERE path = given.value)
          AND NOT EXISTS (SELECT 1 FROM jobs WHERE picture_stem IS NOT NULL AND state <> 'done'
                          AND substr(given.value, 1, length(picture_stem)) = picture_stem)
          AND NOT EXISTS (SELECT 1 FROM facts, json_each(facts.value) AS copy
                          WHERE facts.name = 'copies under way'
                            AND json_extract(copy.value, '$[0]') = given.value)"""
    rows = connection.execute(statement, {"paths": json.dumps(list(paths))})
    return [row[0] for row in rows]
