"""The folder of pictures that a person can open: whole files only, none ever overwritten."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path, PurePosixPath

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.durable import make_folder, os_errors_translated, write_durably
from algovera_desktop.library.formats import EXTENSIONS, MetadataError
from algovera_desktop.library.names import month_folder, picture_name
from algovera_desktop.library.reachable import is_folder

_log = logging.getLogger(__name__)

_UNFINISHED = ".unfinished"
_PART = ".part"
_UNKNOWN_EXTENSION = ".bin"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A picture on disk; ``path`` is as ``PictureFiles.absolute`` takes it."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture of a job on the disk, and what its file says of it. ``created_at`` is aware, in
    UTC."""

    stored: StoredFile
    media_type: str
    width: int
    height: int
    created_at: datetime


class PictureFiles:
    """Keeps files in a folder a month; raises DiskFullError and LibraryError.

    That folder is below ``root``, which moves with the program's data: what lies there is known
    by its path relative to it. Or it is below one that the user has chosen for new pictures:
    what lies there is known by its absolute path, and stays when another folder is chosen.

    A file is written in a folder of unfinished ones and renamed when it is whole and on the
    disk, so that what has a picture's name is a picture. Where a job's picture goes is its
    ``picture_stem``, written in the job before the file: storing the picture once more, after a
    crash, takes the place of the first, whatever time zone and folder are set by then.
    """

    def __init__(self, root: Path, chosen: Path | None = None) -> None:
        self._root = root
        self._target = chosen or root

    @property
    def root(self) -> Path:
        return self._root

    @property
    def chosen(self) -> Path | None:
        """Where the user wants new pictures, if not below ``root``."""
        return None if self._target == self._root else self._target

    def store_in(self, chosen: Path | None) -> None:
        """Keep what is stored from now on below another folder; None for ``root``."""
        self._target = chosen or self._root

    def stem(self, job: Job) -> str:
        """Where a job's picture shall be stored from now on: a path without its extension."""
        return self.known_as(self._target / _name(job))

    def save(
        self,
        data: bytes,
        media_type: str,
        job: Job,
        *,
        server_name: str = "",
        model_title: str = "",
        created_at: datetime | None = None,
        program_note: str | None = None,
    ) -> StoredFile:
        """Store a picture as the engine sent it, with what its record says of it added.

        It goes where the job's ``picture_stem`` says; a job without one, where ``stem`` says.
        ``created_at`` is aware, now if None; ``program_note`` is what the file names as its
        writer, this program if None. At return the file and its name are on the disk. A picture
        that has no room for a text is stored without.
        """
        # Here and not above, as in ``find``: the first screenful does without.
        from algovera_desktop.library.job_texts import with_texts

        moment = created_at or datetime.now(UTC)
        data, errors = with_texts(
            data, media_type, job, server_name, model_title, moment, program_note
        )
        for reason in dict.fromkeys(map(str, errors)):
            _log.warning("job %s: a text was not embedded: %s", job.id, reason)
        stem = job.picture_stem or self.stem(job)
        target = self.absolute(stem + EXTENSIONS.get(media_type, _UNKNOWN_EXTENSION))
        unfinished = _unfinished(target)
        self.require_there(target.parent.parent)
        with os_errors_translated(f"cannot write {target}"):
            make_folder(unfinished)
            make_folder(target.parent)
            write_durably(target, data, part=unfinished / (target.name + _PART))
        return _stored(self.known_as(target), data)

    def require_there(self, chosen: Path) -> None:
        """Raise LibraryError where a folder is not there that the user chose, and that was there
        then: made anew it would lie where its drive is connected, and be hidden by that."""
        if not (chosen.is_relative_to(self._root) or is_folder(chosen)):
            raise LibraryError(f"the folder {chosen} is not there")

    def find(self, job: Job) -> FoundPicture | None:
        """The picture of a job that was stored before its record could be written."""
        from algovera_desktop.library.job_texts import sides_and_time

        for stem, (media_type, extension) in product(self._stems(job), EXTENSIONS.items()):
            file = self.absolute(stem + extension)
            try:
                data = file.read_bytes()
                sides, created_at = sides_and_time(data)
                created_at = created_at or datetime.fromtimestamp(file.stat().st_mtime, UTC)
            except (OSError, MetadataError):
                continue
            stored = _stored(self.known_as(file), data)
            return FoundPicture(stored, media_type, sides.width, sides.height, created_at)
        return None

    def discard(self, path: str) -> None:
        """Take a picture and its sidecar away that have no record and that nobody wants."""
        from algovera_desktop.library.sidecar import remove_sidecar

        target = self.absolute(path)
        with os_errors_translated(f"cannot remove {target}"):
            target.unlink(missing_ok=True)
        remove_sidecar(target)

    def remove(self, job: Job) -> bool:
        """Take away whatever lies where a job's picture is stored, of any format.

        False where the folder itself is not there: on a drive that may come back, say.
        """
        assert job.picture_stem is not None
        if not is_folder(self.absolute(job.picture_stem).parent):
            return False
        for extension in (*EXTENSIONS.values(), _UNKNOWN_EXTENSION):
            self.discard(job.picture_stem + extension)
        return True

    def remove_unfinished(self, jobs: Iterable[Job] = ()) -> int:
        """At start: remove what a crash left half-written, here or where these jobs' pictures are
        stored; returns how many. Only one process has the library, so nothing of this belongs to
        anybody alive."""
        folders = {folder / _UNFINISHED for folder in (self._target, self._root)}
        stems = [job.picture_stem for job in jobs if job.picture_stem is not None]
        folders.update(_unfinished(self.absolute(stem)) for stem in stems)
        with os_errors_translated("cannot remove what is unfinished"):
            left = [part for folder in folders for part in folder.glob(f"*{_PART}")]
            for part in left:
                part.unlink(missing_ok=True)
        return len(left)

    def absolute(self, path: str) -> Path:
        """Where a stored path is now. Raises ValueError for one that leads out of its folder."""
        if ".." in PurePosixPath(path).parts:
            raise ValueError(f"not inside the pictures' folder: {path}")
        return self._root / path

    def place(self, name: str) -> str:
        """Where a file of this name, with its folders, is stored from now on."""
        return self.known_as(self._target / name)

    def known_as(self, file: Path) -> str:
        """What ``absolute`` takes for a file, wherever it lies."""
        if file.is_relative_to(self._root):
            return file.relative_to(self._root).as_posix()
        return file.absolute().as_posix()

    def _stems(self, job: Job) -> list[str]:
        """Where a job's picture may be. One that began before stems were kept has none."""
        if job.picture_stem is not None:
            return [job.picture_stem]
        folders = dict.fromkeys((self._target, self._root))
        return [self.known_as(folder / _name(job)) for folder in folders]


def _name(job: Job) -> str:
    return f"{month_folder(job)}/{picture_name(job)}"


def _unfinished(target: Path) -> Path:
    """Where a picture's file is written: beside its month's folder, on the same file system."""
    return target.parent.parent / _UNFINISHED


def _stored(path: str, data: bytes) -> StoredFile:
    return StoredFile(path, hashlib.sha256(data).hexdigest(), len(data))
