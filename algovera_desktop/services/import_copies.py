"""Copies of pictures from elsewhere, which have their records or are not there at all.

Before a copy is begun, its name stands in the library's ``facts``; the record is written and the
name taken out in one transaction. So what stands there at a start is what a crash left behind.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.library.copied_files import remember_copies
from algovera_desktop.library.database import Database
from algovera_desktop.library.durable import (
    copy_durably,
    fsync_folder,
    make_folder,
    os_errors_translated,
)
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.names import readable
from algovera_desktop.library.picture_file import PictureFile
from algovera_desktop.library.reachable import is_folder
from algovera_desktop.library.sidecar import sidecar_path

_FACT = "copies under way"
_FOLDER = "imported"
_PART = ".part"
_MAX_NAME_BYTES = 128


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture, and the path, as ``PictureFiles.absolute`` takes it, where it is to stay."""

    picture: PictureFile
    path: str


class ImportCopies:
    """Makes the copies of one import at a time. Raises LibraryError's kinds."""

    def __init__(self, database: Database, files: PictureFiles) -> None:
        self._database = database
        self._files = files

    def plan(self, pictures: Sequence[PictureFile]) -> list[PlacedPicture]:
        """Choose a name for each, and remember them all: below ``imported``, in the folder of the
        picture's month, its own name or the first like it that is free."""
        planned = self._database.read(lambda connection: self._planned(connection, pictures))
        rows = [(each.path, each.picture.image.sha256) for each in planned]
        self._database.write(lambda connection: _remember(connection, rows))
        return planned

    def make(self, planned: PlacedPicture) -> int:
        """Copy a picture and its sidecar; returns the copy's time, in ns. Raises LibraryError
        where the source cannot be read, or is not what it was, or the chosen folder is away."""
        picture, target = planned.picture, self._files.absolute(planned.path)
        source = Path(picture.image.path)
        self._files.require_there(target.parents[2])
        with os_errors_translated(f"cannot copy {source}"):
            make_folder(target.parent)
            copy_durably(source, target, part=_part(target))
            now = source.stat()
            if (now.st_mtime_ns, now.st_size) != (picture.modified_ns, picture.image.size_bytes):
                raise LibraryError(f"cannot copy {source}: it changed meanwhile")
            if picture.sidecar is not None and not picture.sidecar.problem:
                beside = sidecar_path(target)
                copy_durably(picture.sidecar.path, beside, part=_part(beside))
            return target.stat().st_mtime_ns

    def sync(self, paths: Iterable[str]) -> None:
        """Have the names of copies on the disk."""
        for folder in {self._files.absolute(path).parent for path in paths}:
            with os_errors_translated(f"cannot write {folder}"):
                fsync_folder(folder)

    def keep(
        self,
        connection: sqlite3.Connection,
        unwanted: Sequence[tuple[str, str]] = (),
        wanted: Sequence[tuple[str, str]] = (),
    ) -> None:
        """In the transaction that writes the records: nothing is under way any more but the copies
        that got none, by path and SHA-256, for ``clean_up`` to take away. Those that got one are
        remembered as ours."""
        remember_copies(connection, wanted)
        if unwanted:
            _remember(connection, unwanted)
        else:
            connection.execute("DELETE FROM facts WHERE name = ?", (_FACT,))

    def discard(self, planned: PlacedPicture) -> None:
        """Take away what there is of a copy."""
        self._remove(planned.path, planned.picture.image.sha256)

    def clean_up(self) -> None:
        """Take away all copies under way: those of an import that a crash or a cancel ended. A
        file that somebody else has put there since is not one of them."""
        row = self._database.read(_under_way)
        if row is None:
            return
        for path, sha256 in json.loads(row["value"]):
            if not self._database.read(lambda connection, path=path: _has_record(connection, path)):
                self._remove(path, sha256)
        self._database.write(self.keep)

    def _planned(
        self, connection: sqlite3.Connection, pictures: Sequence[PictureFile]
    ) -> list[PlacedPicture]:
        taken: set[str] = set()
        planned: list[PlacedPicture] = []
        for picture in pictures:
            path = self._free(connection, picture, taken)
            taken.add(path.casefold())
            planned.append(PlacedPicture(picture, path))
        return planned

    def _free(self, connection: sqlite3.Connection, picture: PictureFile, taken: set[str]) -> str:
        for name in _names(Path(picture.image.path), picture.image.created_at):
            path = self._files.place(name)
            target = self._files.absolute(path)
            with os_errors_translated(f"cannot look into {target.parent}"):
                is_free = not (os.path.lexists(target) or sidecar_path(target).exists())
            # Some file systems take "A.png" for "a.png".
            if path.casefold() not in taken and is_free and not _has_record(connection, path):
                return path
        raise AssertionError("there is always a next number")

    def _remove(self, path: str, sha256: str) -> None:
        target = self._files.absolute(path)
        if not is_folder(target.parent):
            return
        with os_errors_translated(f"cannot remove {target}"):
            for file in (target, sidecar_path(target)):
                _part(file).unlink(missing_ok=True)
            if _is_ours(target, sha256):
                sidecar_path(target).unlink(missing_ok=True)
                target.unlink()


def _remember(connection: sqlite3.Connection, copies: Sequence[tuple[str, str]]) -> None:
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (_FACT, json.dumps(copies)))


def _under_way(connection: sqlite3.Connection) -> sqlite3.Row | None:
    statement = "SELECT value FROM facts WHERE name = ?"
    return connection.execute(statement, (_FACT,)).fetchone()


def _has_record(connection: sqlite3.Connection, path: str) -> bool:
    """Also of a picture that is missing now and may come back."""
    statement = "SELECT 1 FROM images WHERE path = ?"
    return connection.execute(statement, (path,)).fetchone() is not None


def _is_ours(target: Path, sha256: str) -> bool:
    """Whether it is the copy, or the empty file that held its name."""
    try:
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return digest == sha256 or file.tell() == 0
    except FileNotFoundError:
        return False


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}{_PART}")


def _names(source: Path, created_at: datetime) -> Iterator[str]:
    folder = f"{_FOLDER}/{created_at.astimezone():%Y-%m}"
    stem, extension = _storable(source)
    yield f"{folder}/{stem}{extension}"
    for number in count(2):
        yield f"{folder}/{stem} ({number}){extension}"


def _storable(source: Path) -> tuple[str, str]:
    """The file's own name, if every file system has room for it and no part of it is broken."""
    extension = source.suffix.encode("ascii", "ignore").decode()
    name = source.stem.encode("utf-8", "replace").decode()
    if name == source.stem and len(name.encode()) <= _MAX_NAME_BYTES:
        return name, extension
    return readable(name) or "picture", extension
