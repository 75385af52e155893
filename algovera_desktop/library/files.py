"""The folder of pictures that a person can open: whole files only, none ever overwritten."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.durable import make_folder, os_errors_translated, write_durably
from algovera_desktop.library.formats import EXTENSIONS, MetadataError
from algovera_desktop.library.metadata import embed, picture_sides
from algovera_desktop.library.names import month_folder, picture_name
from algovera_desktop.library.parameters import PROGRAM, format_parameters

_log = logging.getLogger(__name__)

_UNFINISHED = ".unfinished"
_PART = ".part"
_UNKNOWN_EXTENSION = ".bin"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A picture on disk; ``path`` is relative to the pictures' folder, with forward slashes."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture that a job had stored before, and what its file says of it."""

    stored: StoredFile
    media_type: str
    width: int
    height: int


class PictureFiles:
    """Keeps files below ``root``, in a folder a month; raises DiskFullError and LibraryError.

    A file is written in a folder of unfinished ones and renamed when it is whole and on the
    disk, so that what has a picture's name is a picture. Its name follows from its job alone:
    storing a job's picture once more, after a crash, takes the place of the first.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(
        self, data: bytes, media_type: str, job: Job, *, program_note: str = PROGRAM
    ) -> StoredFile:
        """Store a picture as the engine sent it, with the job's parameters added.

        ``program_note`` is what the parameters name as their writer. At return the file and
        its name are on the disk. A picture that has no room for a text is stored without.
        """
        text = format_parameters(job.request, program=program_note)
        try:
            data = embed(data, media_type, text)
        except MetadataError as error:
            _log.warning("job %s: parameters not embedded: %s", job.id, error)
        path = _path(job, EXTENSIONS.get(media_type, _UNKNOWN_EXTENSION))
        target = self.absolute(path)
        unfinished = self._root / _UNFINISHED
        with os_errors_translated(f"cannot write {target}"):
            make_folder(unfinished)
            make_folder(target.parent)
            write_durably(target, data, part=unfinished / (target.name + _PART))
        return _stored(path, data)

    def find(self, job: Job) -> FoundPicture | None:
        """The picture of a job that was stored before its record could be written."""
        for media_type, extension in EXTENSIONS.items():
            path = _path(job, extension)
            try:
                data = self.absolute(path).read_bytes()
                sides = picture_sides(data)
            except (OSError, MetadataError):
                continue
            return FoundPicture(_stored(path, data), media_type, sides.width, sides.height)
        return None

    def discard(self, path: str) -> None:
        """Take a picture away that has no record and that nobody wants."""
        target = self.absolute(path)
        with os_errors_translated(f"cannot remove {target}"):
            target.unlink(missing_ok=True)

    def remove_unfinished(self) -> int:
        """At start: remove what a crash left half-written; returns how many. Only one process
        has the library, so nothing here belongs to anybody alive."""
        left = list((self._root / _UNFINISHED).glob(f"*{_PART}"))
        with os_errors_translated(f"cannot empty {self._root / _UNFINISHED}"):
            for part in left:
                part.unlink(missing_ok=True)
        return len(left)

    def absolute(self, path: str) -> Path:
        """Where a stored path is now. Raises ValueError for one that leads out of the folder."""
        relative = PurePosixPath(path)
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"not inside the pictures' folder: {path}")
        return self._root / relative


def _path(job: Job, extension: str) -> str:
    return f"{month_folder(job)}/{picture_name(job, extension)}"


def _stored(path: str, data: bytes) -> StoredFile:
    return StoredFile(path, hashlib.sha256(data).hexdigest(), len(data))
