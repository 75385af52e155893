"""The records of every picture ever made."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from algovera_desktop.domain.images import ImageRecord, LibraryQuery, NewImage
from algovera_desktop.library.database import Database
from algovera_desktop.library.id_lists import from_json, text_of, to_json
from algovera_desktop.library.rows import (
    from_stamp,
    insert_statement,
    request_from,
    request_values,
    to_stamp,
)

_COLUMNS = (
    "path",
    "sha256",
    "size_bytes",
    "media_type",
    "width",
    "height",
    "created_at",
    "server_name",
    "model_title",
    "job_id",
    "prompt",
    "negative_prompt",
    "model",
    "asked_width",
    "asked_height",
    "steps",
    "guidance_scale",
    "seed",
    "tool",
    "parent_sha256",
)
_INSERT = insert_statement("images", _COLUMNS)

GOING = 0
"""Stands in ``trashed_at`` of pictures that are being deleted for good: see ``library.trash``."""


class Library:
    """Finds and changes records. Every call blocks and raises LibraryError's kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_in(self, connection: sqlite3.Connection, image: NewImage) -> ImageRecord:
        """Add a record inside someone's write transaction."""
        cursor = connection.execute(_INSERT, _values(image))
        row = connection.execute("SELECT * FROM images WHERE id = ?", (cursor.lastrowid,))
        return record_from(row.fetchone())

    def get(self, image_id: int) -> ImageRecord | None:
        """A record by its id, in the trash or not."""
        return self._one("SELECT * FROM images WHERE id = ?", image_id)

    def for_job(self, job_id: str) -> ImageRecord | None:
        """The record of the picture that a job made."""
        return self._one("SELECT * FROM images WHERE job_id = ? AND job_id <> ''", job_id)

    def for_file(self, sha256: str) -> ImageRecord | None:
        """The newest record outside the trash whose file has this content."""
        return self._one(
            "SELECT * FROM images WHERE sha256 = ? AND trashed_at IS NULL ORDER BY id DESC", sha256
        )

    def page(
        self, query: LibraryQuery, *, before_id: int | None = None, limit: int = 200
    ) -> list[ImageRecord]:
        """Up to ``limit`` records, newest first, that come after ``before_id`` in that order.

        As quick at the millionth record as at the first.
        """
        older = "" if before_id is None else "AND id < :before_id"
        statement = (
            f"SELECT * FROM images WHERE {_condition(query)} {older} ORDER BY id DESC LIMIT :limit"
        )
        values = {"before_id": before_id, "limit": limit}
        return self._database.read(
            lambda connection: [record_from(row) for row in connection.execute(statement, values)]
        )

    def count(self, query: LibraryQuery) -> int:
        """How many records ``query`` matches; takes longer the more there are."""
        statement = f"SELECT count(*) FROM images WHERE {_condition(query)}"
        return self._database.read(lambda connection: connection.execute(statement).fetchone()[0])

    def trash(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Put pictures in the trash; file and record stay as they are. All of them or none.

        Returns those that were not there before.
        """
        now = to_stamp(datetime.now(UTC))
        return self._mark(ids, "trashed_at IS NULL", now)

    def restore(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Bring pictures back from the trash, at their old place. All of them or none.

        Returns those that are back: the others were not there, or are being deleted for good.
        """
        return self._mark(ids, f"trashed_at > {GOING}", None)

    def _one(self, statement: str, value: int | str) -> ImageRecord | None:
        row: sqlite3.Row | None = self._database.read(
            lambda connection: connection.execute(statement, (value,)).fetchone()
        )
        return None if row is None else record_from(row)

    def _mark(self, ids: Sequence[int], condition: str, trashed_at: int | None) -> tuple[int, ...]:
        chosen = to_json(ids)

        def mark(connection: sqlite3.Connection) -> str:
            statement = f"""SELECT json_group_array(id) FROM images
                            WHERE id IN (SELECT value FROM json_each(:ids)) AND {condition}"""
            marked = text_of(connection, statement, {"ids": chosen})
            connection.execute(
                """UPDATE images SET trashed_at = ?, sidecar_due = sidecar_due + 1
                   WHERE id IN (SELECT value FROM json_each(?))""",
                (trashed_at, marked),
            )
            return marked

        return from_json(self._database.write(mark))


def _condition(query: LibraryQuery) -> str:
    # Word for word the conditions of the partial indexes, or SQLite does not use them.
    return "trashed_at IS NOT NULL" if query.trashed else "trashed_at IS NULL"


def _values(image: NewImage) -> tuple[str | int | float, ...]:
    return (
        image.path,
        image.sha256,
        image.size_bytes,
        image.media_type,
        image.width,
        image.height,
        to_stamp(image.created_at),
        image.server_name,
        image.model_title,
        image.job_id,
        *request_values(image.request),
        image.tool,
        image.parent_sha256,
    )


def record_from(stored: sqlite3.Row) -> ImageRecord:
    """The record in a whole row of ``images``."""
    # A Row looks through all names for each that it is asked for: half of the time of a record.
    row = dict(zip(stored.keys(), stored, strict=True))
    return ImageRecord(
        id=row["id"],
        path=row["path"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        created_at=from_stamp(row["created_at"]),
        trashed_at=_time(row["trashed_at"]),
        missing_since=_time(row["missing_since"]),
        server_name=row["server_name"],
        model_title=row["model_title"],
        job_id=row["job_id"],
        request=request_from(row, sides=("asked_width", "asked_height")),
        tool=row["tool"],
        parent_sha256=row["parent_sha256"],
        is_favourite=bool(row["is_favourite"]),
        rating=row["rating"],
        notes=row["notes"],
        tags=_names(row["tags"]),
        albums=_names(row["albums"]),
    )


def _time(stamp: int | None) -> datetime | None:
    return None if stamp is None else from_stamp(stamp)


def _names(lines: str) -> tuple[str, ...]:
    return tuple(lines.split("\n")) if lines else ()
