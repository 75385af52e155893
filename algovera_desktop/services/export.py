"""Pictures leave the library: as files, or as a zip. What is in the library is only read."""

import os
import shutil
import zipfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.durable import os_errors_translated
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.reachable import is_file
from algovera_desktop.services.export_names import OWN_NAMES, file_name, numbered

RecordsById = Callable[[Sequence[int]], list[ImageRecord]]
"""Gives the records of a few ids, in that order; those that are gone are left out."""

_PAGE = 200
_COPY_BYTES = 1 << 20
_SIDECAR = ".xmp"


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """``done`` of ``total`` pictures, in whichever way."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What came of an export. ``target`` is the file, or the folder of the files, that it made,
    and ``folder`` where that is to be seen; ``written`` are the single files, ``count`` is how
    many pictures left. ``missing`` are the names of those whose file is not there or cannot be
    read, ``refused`` (name, reason) of those that were not safe to share."""

    target: Path
    folder: Path
    count: int
    written: tuple[Path, ...] = ()
    missing: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How files are named (``export_names``), and whether the sidecars with ratings, tags and
    notes go along where there are some."""

    pattern: str = OWN_NAMES
    with_sidecars: bool = False


OnProgress = Callable[[ExportProgress], None]


@dataclass(slots=True)
class Tally:
    """What an export has done so far."""

    total: int
    on_progress: OnProgress
    count: int = 0
    written: list[Path] = field(default_factory=list[Path])
    missing: list[str] = field(default_factory=list[str])
    refused: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def left(self, path: Path | None = None) -> None:
        """A picture is out, in a file of its own if ``path`` is given."""
        self.count += 1
        if path is not None:
            self.written.append(path)
        self.tell()

    def lacks(self, name: str) -> None:
        self.missing.append(name)
        self.tell()

    def refuses(self, name: str, reason: str) -> None:
        self.refused.append((name, reason))
        self.tell()

    def tell(self) -> None:
        done = self.count + len(self.missing) + len(self.refused)
        self.on_progress(ExportProgress(done, self.total))

    def report(self, target: Path) -> ExportReport:
        """What came of it; ``target`` is there by now, a folder or a file."""
        folder = target if target.is_dir() else target.parent
        missing, refused = tuple(self.missing), tuple(self.refused)
        return ExportReport(target, folder, self.count, tuple(self.written), missing, refused)


class Exporter:
    """Writes copies of pictures. Every call blocks; raises JobCancelledError, DiskFullError and
    LibraryError.

    Whatever it ends with, no file is left half-written, and none that was there is touched. Of a
    folder that was stopped on the way the copies that were whole stay.
    """

    def __init__(self, files: PictureFiles, records: RecordsById) -> None:
        self._files = files
        self._records = records

    def to_folder(
        self,
        ids: Sequence[int],
        folder: Path,
        options: ExportOptions,
        token: CancelToken,
        on_progress: OnProgress,
    ) -> ExportReport:
        """Copy the pictures' files as they are, with their times, into a folder that is there."""
        tally = Tally(len(ids), on_progress)
        for number, record in self.each(ids, token):
            source = self.source(record, tally)
            if source is None:
                continue
            name = file_name(options.pattern, record, number)
            with os_errors_translated(f"cannot save {name} in {folder}"):
                copy = new_file(folder, name, partial(_copy, source, token))
                sidecar = _sidecar(source)
                if options.with_sidecars and sidecar.is_file():
                    new_file(folder, copy.name + _SIDECAR, partial(_copy, sidecar, token))
            tally.left(copy)
        return tally.report(folder)

    def to_zip(
        self,
        ids: Sequence[int],
        target: Path,
        options: ExportOptions,
        token: CancelToken,
        on_progress: OnProgress,
    ) -> ExportReport:
        """Put the files in an archive at ``target``, in the place of what is there; pictures are
        compressed already and are stored as they are. Over 4 GiB it becomes a ZIP64."""
        tally = Tally(len(ids), on_progress)
        names: set[str] = set()
        with replaced_file(target) as part, zipfile.ZipFile(part, "w", allowZip64=True) as archive:
            for number, record in self.each(ids, token):
                source = self.source(record, tally)
                if source is None:
                    continue
                name = _free_name(names, file_name(options.pattern, record, number))
                _add_to_zip(archive, source, name, token)
                if options.with_sidecars and _sidecar(source).is_file():
                    _add_to_zip(archive, _sidecar(source), name + _SIDECAR, token)
                tally.left()
        return tally.report(target)

    def each(self, ids: Sequence[int], token: CancelToken) -> Iterator[tuple[int, ImageRecord]]:
        """The records with their places, from 1, read a page at a time: a million ids are eight
        megabytes, their records would be gigabytes."""
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            places = {image_id: start + at + 1 for at, image_id in enumerate(page)}
            for record in self._records(page):
                token.raise_if_cancelled()
                yield places[record.id], record

    def source(self, record: ImageRecord, tally: Tally) -> Path | None:
        """A picture's file; None, and said, if it is not there."""
        path = self._files.absolute(record.path)
        if is_file(path) and os.access(path, os.R_OK):
            return path
        tally.lacks(path.name)
        return None


Writer = Callable[[Path], None]
"""Writes a new file at the path that it gets."""


def new_file(folder: Path, name: str, write: Writer) -> Path:
    """A new file in a folder, under ``name`` or, where that is taken, ``name (2)``. It has its
    name once it is whole. Raises OSError."""
    part = folder / f".{name}.part"
    try:
        write(part)
        return _named(part, folder, name)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def replaced_file(target: Path) -> Generator[Path]:
    """A path beside ``target`` to write at. It takes the place of ``target`` at the end of the
    block, and is gone if the block raises; OSErrors are translated."""
    part = target.with_name(f".{target.name}.part")
    try:
        with os_errors_translated(f"cannot save {target.name}"):
            yield part
            part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _named(part: Path, folder: Path, name: str) -> Path:
    copy = 1
    while True:
        target = folder / numbered(name, copy)
        # Claimed first, for a rename silently takes the place of what is there.
        with suppress(FileExistsError):
            target.open("xb").close()
            part.replace(target)
            return target
        copy += 1


def _copy(source: Path, token: CancelToken, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        _pour(reader, writer, token)
    shutil.copystat(source, target)


def _add_to_zip(archive: zipfile.ZipFile, source: Path, name: str, token: CancelToken) -> None:
    entry = zipfile.ZipInfo.from_file(source, name, strict_timestamps=False)
    is_large = entry.file_size >= zipfile.ZIP64_LIMIT
    with source.open("rb") as reader, archive.open(entry, "w", force_zip64=is_large) as writer:
        _pour(reader, writer, token)


def _pour(reader: IO[bytes], writer: IO[bytes], token: CancelToken) -> None:
    while block := reader.read(_COPY_BYTES):
        token.raise_if_cancelled()
        writer.write(block)


def _free_name(taken: set[str], name: str) -> str:
    """A name that no file system takes for one that is in ``taken``; it joins them."""
    copy = 1
    while (free := numbered(name, copy)).casefold() in taken:
        copy += 1
    taken.add(free.casefold())
    return free


def _sidecar(source: Path) -> Path:
    return source.with_name(source.name + _SIDECAR)
