"""What artists make of their pictures, brought from the library into the files beside them, and
what other programs have changed in those files, brought into the library."""

import logging
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.sidecar import SidecarState, read_sidecar_state, write_sidecar
from algovera_desktop.library.sidecar_merge import take_over
from algovera_desktop.library.store import record_from
from algovera_desktop.library.xmp_curation import AlbumPlace, SidecarCuration

_log = logging.getLogger(__name__)

_BATCH = 100

_DUE = """
    SELECT * FROM images
    WHERE sidecar_due <> 0 AND missing_since IS NULL AND id > :after ORDER BY id LIMIT :limit
"""
_ONE = "SELECT * FROM images WHERE id = ?"
_PLACES = """
    SELECT name, album_images.position FROM album_images
    JOIN albums ON albums.id = album_id WHERE image_id = ? ORDER BY albums.position, albums.id
"""
_DONE = "UPDATE images SET sidecar_due = 0 WHERE id = ? AND sidecar_due = ?"
"""Not if it has changed since it was read: the file is old again."""


@dataclass(frozen=True, slots=True)
class SidecarsWritten:
    """How many sidecars say now what they should. ``postponed`` stay due: their folder is not
    there, is full, or takes no files. ``taken_over`` are the ids of pictures of which another
    program had written something that the library says now too."""

    written: int = 0
    postponed: int = 0
    taken_over: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Due:
    record: ImageRecord
    curation: SidecarCuration
    due: int


@dataclass
class _Run:
    """How far a run is, and which folders it has given up on."""

    token: CancelToken
    written: int = 0
    postponed: int = 0
    taken_over: list[int] = field(default_factory=list[int])
    given_up: set[Path] = field(default_factory=set[Path])
    reason: str = ""

    def report(self) -> SidecarsWritten:
        if self.postponed:
            _log.warning("%d sidecars are left for later: %s", self.postponed, self.reason)
        return SidecarsWritten(self.written, self.postponed, tuple(self.taken_over))


class SidecarWriter:
    """Writes what is due, in batches, off the UI thread.

    Whatever fails stays due and is tried again by the next ``run``; so does what was being written
    when the process died. To have a sidecar looked at that was changed outside, count up its
    picture's ``sidecar_due``. Calls are not to overlap.
    """

    def __init__(self, database: Database, files: PictureFiles) -> None:
        self._database = database
        self._files = files

    def run(self, token: CancelToken) -> SidecarsWritten:
        """Write all that is due, each once. Ends early, without an error, when it is cancelled or
        the library itself does not answer."""
        run = _Run(token)
        try:
            after = 0
            while not token.cancelled and (batch := self._due(after)):
                after = batch[-1].record.id
                self._write(batch, run)
        except LibraryError as error:
            _log.warning("sidecars are left for later: %s", error)
        return run.report()

    def _due(self, after: int) -> list[_Due]:
        values = {"after": after, "limit": _BATCH}

        def due(connection: sqlite3.Connection) -> list[_Due]:
            rows = connection.execute(_DUE, values).fetchall()
            return [_due_from(row, connection) for row in rows]

        return self._database.read(due)

    def _write(self, batch: list[_Due], run: _Run) -> None:
        done: list[tuple[int, int]] = []
        for due in batch:
            if run.token.cancelled:
                break
            written = self._written(due, run)
            if written is None:
                run.postponed += 1
            else:
                run.written += 1
                done.append((written.record.id, written.due))
        if done:
            self._database.write(lambda connection: connection.executemany(_DONE, done))

    def _written(self, due: _Due, run: _Run) -> _Due | None:
        """What the sidecar says now; None if it could not be written.

        A folder that takes no file takes no other either, and a drive that is gone may be slow to
        say so: each is asked once.
        """
        picture = self._files.absolute(due.record.path)
        if picture.parent in run.given_up:
            return None
        try:
            if picture.is_file():
                return self._brought(picture, due, run)
            run.reason = f"{picture} is not there"
            is_folder_at_fault = not picture.parent.is_dir()
        except (LibraryError, OSError, MetadataError) as error:
            run.reason = f"{picture}: {error}"
            is_folder_at_fault = not isinstance(error, MetadataError)
        if is_folder_at_fault:
            run.given_up.add(picture.parent)
        return None

    def _brought(self, picture: Path, due: _Due, run: _Run) -> _Due:
        state = _state(picture)
        if state is not None and state.is_changed:
            due = self._taken_over(due, state, run)
        write_sidecar(picture, due.curation, due.record.request.prompt)
        return due

    def _taken_over(self, due: _Due, state: SidecarState, run: _Run) -> _Due:
        """What the library says after it has taken over what another program wrote."""
        image_id = due.record.id

        def take(connection: sqlite3.Connection) -> _Due:
            now = _due_in(connection, image_id) or due
            if take_over(connection, image_id, now.curation, state) is None:
                return now
            run.taken_over.append(image_id)
            return _due_in(connection, image_id) or due

        return self._database.write(take)


def _state(picture: Path) -> SidecarState | None:
    try:
        return read_sidecar_state(picture)
    except MetadataError:
        return None  # It is set aside when ours is written.


def _due_in(connection: sqlite3.Connection, image_id: int) -> _Due | None:
    row = connection.execute(_ONE, (image_id,)).fetchone()
    return None if row is None else _due_from(row, connection)


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
