"""Records for pictures that lie in the library's own folders without one."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from algovera_desktop.library import raw_metadata
from algovera_desktop.library.adopted_curation import adopt
from algovera_desktop.library.database import Database
from algovera_desktop.library.file_records import unknown_in
from algovera_desktop.library.picture_file import PictureFile
from algovera_desktop.library.rows import to_stamp
from algovera_desktop.library.store import GOING, Library


def adopt_pictures(
    database: Database, library: Library, found: Sequence[tuple[str, PictureFile]]
) -> tuple[int, ...]:
    """Give pictures, with the paths that records have, what their files say; returns their ids.

    One whose path or bytes a record has by now is passed over: what is copied within the folder
    is no second picture. Raises LibraryError's kinds.
    """

    def add(connection: sqlite3.Connection) -> tuple[int, ...]:
        unknown = set(unknown_in(connection, [path for path, _ in found]))
        added: dict[int, PictureFile] = {}
        for path, picture in sorted(found, key=lambda one: one[1].image.created_at):
            if path in unknown and not _has(connection, "sha256", picture.image.sha256):
                added[add_picture(connection, library, path, picture)] = picture
        curations = {image_id: picture.curation for image_id, picture in added.items()}
        beside = [image_id for image_id, picture in added.items() if picture.sidecar]
        adopt(connection, {id_: one for id_, one in curations.items() if not one.is_empty}, beside)
        for image_id, curation in curations.items():
            if curation.trashed_at is not None:
                connection.execute(
                    "UPDATE images SET trashed_at = ? WHERE id = ?",
                    (max(GOING + 1, to_stamp(curation.trashed_at)), image_id),
                )
        return tuple(added)

    return database.write(add)


def add_picture(
    connection: sqlite3.Connection,
    library: Library,
    path: str,
    picture: PictureFile,
    *,
    is_ours: bool = True,
) -> int:
    """Write what a picture's file says into a new record, inside someone's write transaction;
    returns its id. ``path`` is as records have it, and no record has it yet. A picture that is not
    ``is_ours`` gets no job, whoever made it: what a job has made is deleted with its record."""
    image = replace(picture.image, path=path)
    origin = picture.origin
    if origin is not None:
        is_free = is_ours and not _has(connection, "job_id", origin.job_id)
        image = replace(image, request=origin.request, job_id=origin.job_id if is_free else "")
    image_id = library.add_in(connection, image).id
    connection.execute(
        "UPDATE images SET modified_ns = ? WHERE id = ?", (picture.modified_ns, image_id)
    )
    if picture.packed_texts is not None and image.tool:
        raw_metadata.add_packed(connection, image_id, picture.packed_texts)
    return image_id


def _has(connection: sqlite3.Connection, column: str, value: str) -> bool:
    statement = f"SELECT 1 FROM images WHERE {column} = ? AND {column} <> '' LIMIT 1"
    return connection.execute(statement, (value,)).fetchone() is not None
