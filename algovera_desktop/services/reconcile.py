"""The disk against the records: what was moved, changed, lost or added while nobody looked.

Runs in the background, a few files at a time with pauses between. What it is unsure of it leaves
alone: a folder that is not there, as when a drive is not connected, changes no record.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.library.database import Database
from algovera_desktop.library.file_records import FileRecord, FileRecords, Seen
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.picture_file import PictureFile, read_picture_file
from algovera_desktop.library.store import Library
from algovera_desktop.services.disk_look import DiskChanges, DiskLook, DiskProgress
from algovera_desktop.services.lost_records import seen_at
from algovera_desktop.services.picture_folders import PictureFolders

_log = logging.getLogger(__name__)

_MOST_MISSING = 20_000


@dataclass(frozen=True, slots=True)
class Located:
    """What came of "Locate…". ``is_same`` tells whether the file has the record's bytes;
    ``taken_by`` is the record that has this file already. Where neither stands against it, the
    record has the file now. ``others`` are missing pictures found in the same place, to be offered
    to ``accept``."""

    is_same: bool
    taken_by: int | None = None
    others: tuple[Seen, ...] = ()


class Reconciler:
    """Keeps the records true to the disk. Every call blocks and raises LibraryError's kinds."""

    def __init__(
        self, database: Database, library: Library, folders: Callable[[], PictureFolders]
    ) -> None:
        """``folders`` are asked for at each look, for the user can choose another one."""
        self._database = database
        self._library = library
        self._records = FileRecords(database)
        self._folders = folders
        self._times: dict[Path, int] = {}

    def run(
        self,
        token: CancelToken,
        on_progress: Callable[[DiskProgress], object],
        within: Collection[Path] | None = None,
    ) -> DiskChanges:
        """Compare everything, or only what lies below the folders ``within``.

        What was done when it is cancelled stays done. Raises JobCancelledError.
        """
        look = DiskLook(self._database, self._library, self._folders(), token, on_progress)
        changes = look.run(within)
        self._times.update(look.folder_times)
        return changes

    def quick_look(self) -> frozenset[Path]:
        """Those folders of the last look in which names came, went or changed since: for ``run``.

        One look at each folder, not at the files; what was changed within a file is not seen.
        """
        return frozenset(folder for folder, time in self._times.items() if _time(folder) != time)

    def locate(
        self, image_id: int, file: Path, token: CancelToken, *, accept_other: bool = False
    ) -> Located:
        """Give a missing picture the file that the user has found for it. Outside our folders it
        stays the user's: it is not deleted with the picture.

        A file with other bytes is taken only with ``accept_other``, as the picture's new state.
        Raises LibraryError where the record is gone or the file is no picture.
        """
        record = self._records.one(image_id)
        if record is None:
            raise LibraryError(f"picture {image_id} is not in the library")
        picture = _read(file)
        path = self._folders().known_as(file)
        is_same = picture.image.sha256 == record.sha256
        taken_by = self._taken_by(path, image_id)
        if taken_by is not None or not (is_same or accept_other):
            return Located(is_same, taken_by)
        self._records.mark_seen([seen_at(image_id, file, picture, self._folders())])
        if not is_same:
            self._records.mark_altered(image_id, picture)
        return Located(is_same, None, self._found_beside(record, file, token))

    def accept(self, others: Collection[Seen]) -> None:
        """Take over what ``locate`` offered."""
        self._records.mark_seen(list(others))

    def _taken_by(self, path: str, image_id: int) -> int | None:
        statement = "SELECT id FROM images WHERE path = ? AND id <> ?"
        row = self._database.read(
            lambda connection: connection.execute(statement, (path, image_id)).fetchone()
        )
        return None if row is None else row["id"]

    def _found_beside(self, record: FileRecord, file: Path, token: CancelToken) -> tuple[Seen, ...]:
        """Missing pictures that lie to the found one as they lay to it before."""
        folders = self._folders()
        before = folders.absolute(record.path).parent
        found: list[Seen] = []
        for missing in self._records.missing(_MOST_MISSING):
            token.raise_if_cancelled()
            lost = folders.absolute(missing.path)
            beside = lost.relative_to(before) if lost.is_relative_to(before) else lost.name
            candidate = file.parent / beside
            if candidate != file and (seen := _seen_at(missing, candidate, folders)):
                found.append(seen)
        return tuple(found)


def _seen_at(record: FileRecord, file: Path, folders: PictureFolders) -> Seen | None:
    with suppress(OSError):
        if file.stat().st_size == record.size_bytes:
            picture = _read(file)
            if picture.image.sha256 == record.sha256:
                return seen_at(record.id, file, picture, folders)
    return None


def _read(file: Path) -> PictureFile:
    try:
        return read_picture_file(file)
    except (MetadataError, OSError) as error:
        raise LibraryError(f"{file}: {error}") from error


def _time(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
