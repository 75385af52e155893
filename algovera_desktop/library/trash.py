"""The way out of the trash: for good, and so that a crash leaves nothing behind.

A picture is marked, then its files are deleted, then its record. The mark is the oldest time there
is, so that whoever empties the trash next finds first what a crash has left, and finishes it. With
the record gone before the file, the file would be found and be a picture again; without the mark,
somebody could bring back a record whose file has just gone.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from algovera_desktop.library.copied_files import IS_COPY, IS_LEFT, forget_copies
from algovera_desktop.library.database import Database
from algovera_desktop.library.id_lists import to_json
from algovera_desktop.library.rows import to_stamp
from algovera_desktop.library.store import GOING
from algovera_desktop.library.tags import drop_unused

_FOUND = f"""SELECT id, path, sha256, size_bytes, modified_ns, job_id, prompt,
                    {IS_COPY} AS is_copy, {IS_LEFT} AS is_left FROM images"""
_MARKED = "trashed_at = ? AND id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class GoingPicture:
    """A picture that is being deleted for good; all is as in its record. ``is_copy`` tells of one
    outside the program's folder that it was copied there, ``is_left`` that it is a file of the
    user's which a picture was given."""

    id: int
    path: str
    sha256: str
    size_bytes: int
    modified_ns: int
    job_id: str
    prompt: str
    is_copy: bool
    is_left: bool

    @property
    def is_ours(self) -> bool:
        """Whether its file was stored or copied by the program. What was imported and left where
        it was belongs to somebody else; its record has no job, though one may have made it."""
        if not PurePath(self.path).is_absolute() or self.is_copy:
            return True
        return bool(self.job_id) and not self.is_left


class Trash:
    """Lets pictures go in three steps. Every call blocks and raises LibraryError's kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, ids: Sequence[int]) -> list[GoingPicture]:
        """Mark those of these pictures that are in the trash: they can be restored no more."""
        condition = """trashed_at IS NOT NULL AND id IN (SELECT value FROM json_each(:ids))"""
        return self._claim(f"{_FOUND} WHERE {condition}", {"ids": to_json(ids)})

    def claim_oldest(self, until: datetime, limit: int) -> list[GoingPicture]:
        """Mark up to ``limit`` pictures that were put in the trash until then, those first that
        were marked before and are still there."""
        return self._claim(
            f"{_FOUND} WHERE trashed_at <= :until ORDER BY trashed_at LIMIT :limit",
            {"until": to_stamp(until), "limit": limit},
        )

    def forget(self, ids: Sequence[int]) -> None:
        """Delete the records of marked pictures, whose files are gone."""

        def forget(connection: sqlite3.Connection) -> None:
            marked = (GOING, to_json(ids))
            forget_copies(connection, _MARKED, marked)
            connection.execute(f"DELETE FROM images WHERE {_MARKED}", marked)
            drop_unused(connection)

        self._database.write(forget)

    def release(self, ids: Sequence[int]) -> None:
        """Take the mark off pictures whose files could not be deleted: they are in the trash, as
        of now."""
        now = to_stamp(datetime.now(UTC))

        def release(connection: sqlite3.Connection) -> None:
            connection.execute(
                f"UPDATE images SET trashed_at = ?, sidecar_due = sidecar_due + 1 WHERE {_MARKED}",
                (now, GOING, to_json(ids)),
            )

        self._database.write(release)

    def _claim(self, statement: str, values: dict[str, str | int]) -> list[GoingPicture]:
        def claim(connection: sqlite3.Connection) -> list[GoingPicture]:
            found = [_going(row) for row in connection.execute(statement, values)]
            # Nor is a sidecar to be written any more for what is about to go.
            connection.execute(
                """UPDATE images SET trashed_at = ?, sidecar_due = 0
                   WHERE id IN (SELECT value FROM json_each(?))""",
                (GOING, to_json([picture.id for picture in found])),
            )
            return found

        return self._database.write(claim)


def _going(row: sqlite3.Row) -> GoingPicture:
    return GoingPicture(
        id=row["id"],
        path=row["path"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        modified_ns=row["modified_ns"],
        job_id=row["job_id"],
        prompt=row["prompt"],
        is_copy=bool(row["is_copy"]),
        is_left=bool(row["is_left"]),
    )
