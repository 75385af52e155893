"""What artists make of their pictures, brought from the library into the files beside them."""

import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.sidecar import write_sidecar
from algovera_desktop.library.store import record_from
from algovera_desktop.library.xmp_curation import AlbumPlace, SidecarCuration

_log = logging.getLogger(__name__)

_BATCH = 100

_DUE = """
    SELECT * FROM images
    WHERE sidecar_due <> 0 AND missing_since IS NULL AND id > :after ORDER BY id LIMIT :limit
"""
_PLACES = """
    SELECT name, album_images.position FROM album_images
    JOIN albums ON albums.id = album_id WHERE image_id = ? ORDER BY albums.position, albums.id
"""
_DONE = "UPDATE images SET sidecar_due = 0 WHERE id = ? AND sidecar_due = ?"
"""Not if it has changed since it was read: the file is old again."""


@dataclass(frozen=True, slots=True)
class SidecarsWritten:
    """``postponed`` stay due: their folder is not there, is full, or takes no files."""

    written: int = 0
    postponed: int = 0


@dataclass(frozen=True, slots=True)
class _Due:
    record: ImageRecord
    curation: SidecarCuration
    due: int


class SidecarWriter:
    """Writes what is due, in batches, off the UI thread.

    Whatever fails stays due and is tried again by the next ``run``; so does what was being written
    when the process died. Calls are not to overlap.
    """

    def __init__(self, database: Database, files: PictureFiles) -> None:
        self._database = database
        self._files = files

    def run(self, token: CancelToken) -> SidecarsWritten:
        """Write all that is due, each once. Ends early, without an error, when it is cancelled or
        the library itself does not answer."""
        work = _Work(self._files, token)
        try:
            after = 0
            while not token.cancelled and (batch := self._due(after)):
                after = batch[-1].record.id
                self._write(batch, work)
        except LibraryError as error:
            _log.warning("sidecars are left for later: %s", error)
        if work.postponed:
            _log.warning("%d sidecars are left for later: %s", work.postponed, work.reason)
        return SidecarsWritten(work.written, work.postponed)

    def _due(self, after: int) -> list[_Due]:
        values = {"after": after, "limit": _BATCH}

        def due(connection: sqlite3.Connection) -> list[_Due]:
            rows = connection.execute(_DUE, values).fetchall()
            return [_due_from(row, connection) for row in rows]

        return self._database.read(due)

    def _write(self, batch: list[_Due], work: "_Work") -> None:
        done = [(one.record.id, one.due) for one in batch if work.write(one)]
        if done:
            self._database.write(lambda connection: connection.executemany(_DONE, done))


class _Work:
    """One run: how far it is, and which folders it has given up on."""

    def __init__(self, files: PictureFiles, token: CancelToken) -> None:
        self._files = files
        self._token = token
        self._given_up: set[Path] = set()
        self.written = 0
        self.postponed = 0
        self.reason = ""

    def write(self, due: _Due) -> bool:
        """Whether the sidecar says now what it should."""
        if self._token.cancelled:
            return False
        picture = self._files.absolute(due.record.path)
        if picture.parent not in self._given_up and self._written(picture, due):
            self.written += 1
            return True
        self.postponed += 1
        return False

    def _written(self, picture: Path, due: _Due) -> bool:
        """A folder that takes no file takes no other either, and a drive that is gone may be slow
        to say so: each is asked once."""
        try:
            if not picture.is_file():
                return self._missed(picture)
            write_sidecar(picture, due.curation, due.record.request.prompt)
        except (LibraryError, OSError) as error:
            self._given_up.add(picture.parent)
            self.reason = str(error)
            return False
        except MetadataError as error:
            self.reason = f"{picture}: {error}"
            return False
        return True

    def _missed(self, picture: Path) -> bool:
        if not picture.parent.is_dir():
            self._given_up.add(picture.parent)
        self.reason = f"{picture} is not there"
        return False


def _due_from(row: sqlite3.Row, connection: sqlite3.Connection) -> _Due:
    record = record_from(row)
    places = connection.execute(_PLACES, (record.id,)).fetchall() if record.albums else []
    curation = SidecarCuration(
        rating=record.rating,
        is_favourite=record.is_favourite,
        tags=record.tags,
        albums=tuple(AlbumPlace(row["name"], row["position"]) for row in places),
        notes=record.notes,
        trashed_at=record.trashed_at,
    )
    return _Due(record, curation, row["sidecar_due"])
