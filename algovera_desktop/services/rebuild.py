"""The library made anew from the pictures' files, and from what an old library file still says.

The files are believed about what they say: the request, the rating, the tags, the albums. The old
file, whole or damaged, is asked for what no picture's file has: jobs, saved searches, pictures
whose file is missing, and curation that had not reached a sidecar yet.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryCorruptError, LibraryError
from algovera_desktop.domain.images import UNKNOWN_TOOL
from algovera_desktop.library.durable import make_folder, os_errors_translated
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.health import is_foreign
from algovera_desktop.library.lock import ProcessLock
from algovera_desktop.library.names import is_text
from algovera_desktop.library.picture_file import PictureFile, read_picture_file
from algovera_desktop.library.reachable import is_file, is_folder, is_gone
from algovera_desktop.library.rebuilt_file import Counts, RebuiltFile
from algovera_desktop.library.replacement import finish, put_in_place
from algovera_desktop.library.rows import REQUEST_COLUMNS, request_values, to_stamp
from algovera_desktop.library.salvage import OldLibrary, Row
from algovera_desktop.library.store import GOING
from algovera_desktop.services.lost_records import lost_path
from algovera_desktop.services.picture_folders import PictureFolders, time_in_name

_log = logging.getLogger(__name__)

_REPORT_EVERY = 50
_MOST_NAMED = 100
_SIDES = {"width": "asked_width", "height": "asked_height"}
_NAMED = tuple(_SIDES.get(name, name) for name in REQUEST_COLUMNS)
_CURATED = ("is_favourite", "rating", "notes", "trashed_at")


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """``done`` of ``total`` files have been looked at."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """``unreadable`` are files, the first _MOST_NAMED with the reason, that are no picture that we
    show. ``plain`` pictures came without a word on how they were made. ``old_was_read`` says
    whether an old library file added what it knew; ``lossy_tables`` are those of its tables of
    which something was lost. It lies at ``set_aside`` now."""

    counts: Counts
    plain: int
    unreadable: int
    named: tuple[str, ...]
    old_was_read: bool
    lossy_tables: tuple[str, ...]
    set_aside: Path | None


def rebuild_library(
    library_file: Path,
    folders: PictureFolders,
    token: CancelToken,
    on_progress: Callable[[RebuildProgress], object],
) -> RebuildReport:
    """Make the library's file anew and put it in the place of the one that is there, if any.

    Until that one moment nothing changes. Raises LibraryBusyError while a program uses the
    library, LibraryCorruptError for another program's file, LibraryError where a folder of
    pictures is not there, DiskFullError, JobCancelledError.
    """
    with os_errors_translated(f"cannot make the folder {library_file.parent}"):
        make_folder(library_file.parent)
    lock = ProcessLock(library_file.with_name(library_file.name + ".lock"))
    try:
        finish(library_file)
        if is_foreign(library_file):
            raise LibraryCorruptError(f"{library_file} is not a library of this program")
        with OldLibrary(library_file) as old:
            return _rebuild(library_file, folders, old, token, on_progress)
    finally:
        lock.release()


def _rebuild(
    library_file: Path,
    folders: PictureFolders,
    old: OldLibrary,
    token: CancelToken,
    on_progress: Callable[[RebuildProgress], object],
) -> RebuildReport:
    new = RebuiltFile(library_file)
    try:
        new.take_over(old)
        _refuse_if_away(folders, new)
        work = _Rebuilding(folders, new, token, on_progress)
        work.run()
        counts = new.finish(token)
        old_was_read, lossy = old.is_readable, tuple(sorted(old.lossy_tables))
        old.close()
        aside = put_in_place(library_file)
    finally:
        new.discard()
    return RebuildReport(
        counts, work.plain, work.unreadable, tuple(work.named), old_was_read, lossy, aside
    )


def _refuse_if_away(folders: PictureFolders, new: RebuiltFile) -> None:
    """A library must not lose its pictures for a drive that is not connected."""
    for folder in folders.away():
        prefix = "" if folder == folders.root else f"{folder.as_posix()}/"
        if new.knows_below(prefix) or (folder != folders.root and not is_folder(folder)):
            raise LibraryError(f"{folder} is not there, or empty, and should hold pictures")


@dataclass
class _Rebuilding:
    """Looks at each file and puts together what is known of it."""

    folders: PictureFolders
    new: RebuiltFile
    token: CancelToken
    on_progress: Callable[[RebuildProgress], object]
    plain: int = 0
    unreadable: int = 0
    named: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self._under_way = self.new.stems_under_way()
        self._edited: list[Path] = []

    def run(self) -> None:
        total = sum(1 for _ in self._watched(self.folders.pictures()))
        for number, picture in enumerate(self._watched(self.folders.pictures())):
            if number % _REPORT_EVERY == 0:
                self.on_progress(RebuildProgress(number, max(total, number)))
            self._add_file(picture)
        self.on_progress(RebuildProgress(total, total))
        self._add_edited()
        self._add_left()

    def _watched(self, pictures: Iterator[Path]) -> Iterator[Path]:
        for picture in pictures:
            self.token.raise_if_cancelled()
            yield picture

    def _add_file(self, file: Path) -> None:
        path = self.folders.known_as(file)
        if not is_text(path):
            self._pass_over(f"{path.encode(errors='replace').decode()}: its name is no text")
            return
        if path.startswith(self._under_way):
            return
        picture = self._read(file)
        if picture is None:
            return
        at_path = self.new.old_at(path)
        if at_path is not None and at_path["sha256"] == picture.image.sha256:
            self._add(path, picture, at_path)
        elif (moved := self._moved(picture)) is not None:
            self._add(path, picture, moved)
        elif at_path is None:
            self._add(path, picture, None)
        else:
            self._edited.append(file)

    def _moved(self, picture: PictureFile) -> Row | None:
        """The record of these bytes, if they are no more where it says."""
        candidates = self.new.old_like(picture.image.sha256)
        return next((row for row in candidates if self._has_lost_its_file(row)), None)

    def _has_lost_its_file(self, row: Row) -> bool:
        file = self.folders.absolute(row["path"])
        if not is_file(file):
            return is_gone(file)
        with suppress(MetadataError, OSError):
            return read_picture_file(file).image.sha256 != row["sha256"]
        return False

    def _add_edited(self) -> None:
        """Files with other bytes than the record of their place: edited there, unless that
        record's picture was found in another place."""
        for file in self._watched(iter(self._edited)):
            picture = self._read(file)
            if picture is not None:
                path = self.folders.known_as(file)
                self._add(path, picture, self.new.old_at(path))

    def _read(self, file: Path) -> PictureFile | None:
        try:
            with os_errors_translated("it cannot be read"):
                return read_picture_file(file)
        except (MetadataError, LibraryError) as error:
            self._pass_over(f"{file}: {error}")
            return None

    def _pass_over(self, line: str) -> None:
        self.unreadable += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(line)

    def _add(self, path: str, picture: PictureFile, old: Row | None) -> None:
        record = self.new.blank | _without_id(old) | _of_the_file(path, picture)
        if old is None or picture.image.tool != UNKNOWN_TOOL:
            is_ours = self.folders.owns(self.folders.absolute(path))
            record |= _of_the_texts(picture, record, is_ours=is_ours)
        if old is None or picture.is_dated:
            record["created_at"] = _time_of(picture)
        self.plain += old is None and picture.image.tool == UNKNOWN_TOOL
        raw = (picture.packed_texts or b"") if record["tool"] else b""
        # Without a sidecar there is only what the file came with: that may be taken off by now.
        is_said = picture.sidecar is not None and not picture.curation.is_empty
        if old is not None and old["path"] != path:
            # Beside a picture with another's name may lie the other's sidecar.
            is_due = picture.sidecar is not None
            self._add_with_old_curation(record, old, raw, is_due=is_due)
            return
        if old is not None and (old["sidecar_due"] or not is_said):
            self._add_with_old_curation(record, old, raw)
            return
        curation = picture.curation
        record |= {"is_favourite": int(curation.is_favourite), "rating": curation.rating}
        record |= {"notes": curation.notes, "sidecar_due": 0}
        if old is None and curation.trashed_at is not None:
            record["trashed_at"] = max(GOING + 1, to_stamp(curation.trashed_at))
        albums = [(place.name, place.position) for place in curation.albums]
        self.new.add(record, curation.tags, albums, raw, old["id"] if old else None)

    def _add_with_old_curation(
        self, record: Row, old: Row, raw: bytes = b"", *, is_due: bool = False
    ) -> None:
        """The sidecar has still to be written, or got lost; ``is_due`` if it is in any case."""
        tags: list[str] = old["tags"].split("\n") if old["tags"] else []
        names: list[str] = old["albums"].split("\n") if old["albums"] else []
        albums = dict.fromkeys(names, 0) | dict(self.new.old_places(old["id"]))
        is_curated = bool(tags or albums) or any(old[name] for name in _CURATED)
        record["sidecar_due"] = old["sidecar_due"] or int(is_curated or is_due)
        self.new.add(record, tags, albums.items(), raw, old["id"])

    def _add_left(self) -> None:
        """Records of pictures that lie elsewhere, or nowhere any more: kept all the same."""
        after_id = -1
        now = to_stamp(datetime.now(UTC))
        while rows := self.new.old_left(after_id):
            for row in rows:
                self.token.raise_if_cancelled()
                after_id = row["id"]
                file = self.folders.absolute(row["path"])
                if self.new.has(row["path"]):
                    row["path"] = lost_path(row["path"], row["id"])
                    file = self.folders.absolute(row["path"])
                picture = self._read(file) if is_file(file) else None
                if picture is not None:
                    self._add(row["path"], picture, row)
                    continue
                if is_folder(file.parent):
                    row["missing_since"] = row["missing_since"] or now
                self._add_with_old_curation(self.new.blank | _without_id(row), row)


def _without_id(row: Row | None) -> Row:
    return {name: row[name] for name in row if name != "id"} if row else {}


def _of_the_file(path: str, picture: PictureFile) -> Row:
    image = picture.image
    return {
        "path": path,
        "sha256": image.sha256,
        "size_bytes": image.size_bytes,
        "media_type": image.media_type,
        "width": image.width,
        "height": image.height,
        "modified_ns": picture.modified_ns,
        "missing_since": None,
    }


def _of_the_texts(picture: PictureFile, known: Row, *, is_ours: bool) -> Row:
    """What the file says of how it was made; "" takes nothing away that is known. What was left in
    place gets no job: what a job has made is deleted with its record."""
    image, origin = picture.image, picture.origin
    told = {
        "tool": image.tool,
        "parent_sha256": image.parent_sha256,
        "server_name": image.server_name,
        "model_title": image.model_title,
        "job_id": origin.job_id if origin and is_ours else "",
    }
    request = origin.request if origin else image.request
    named = {name: value or known[name] for name, value in told.items()}
    return dict(zip(_NAMED, request_values(request), strict=True)) | named


def _time_of(picture: PictureFile) -> int:
    created_at = picture.image.created_at
    if not picture.is_dated:
        created_at = time_in_name(picture.image.path) or created_at
    return max(0, to_stamp(created_at))
