"""Gets one file onto the disk: goes on where it was left, and checks it before it has its name."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.server.models.durable import in_words, sync_folder
from algovera_desktop.server.models.errors import (
    ConnectionLostError,
    DownloadError,
    RangeRefusedError,
)
from algovera_desktop.server.models.manifest import HubFile, PartNote
from algovera_desktop.server.models.progress import Progress

if TYPE_CHECKING:
    from algovera_desktop.server.models.hub import FileBody, Hub

_BLOCK = 1 << 18


class WrongContentError(DownloadError):
    """What came is not what was listed."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """Where a file comes from: the Hub, and which repository's which commit."""

    hub: "Hub"
    hub_id: str
    commit: str


def part_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


class FileFetch:
    """Fetches files into a folder.

    ``part`` is what is known of a part that is here from before; ``keep_note`` keeps the like of
    it before the first byte of a new one is written.
    """

    def __init__(
        self,
        source: FileSource,
        folder: Path,
        progress: Progress,
        token: CancelToken,
        keep_note: Callable[[PartNote], None],
        part: PartNote | None,
    ) -> None:
        self._source, self._folder = source, folder
        self._progress, self._token = progress, token
        self._keep_note, self._part = keep_note, part

    def fetch(self, file: HubFile, done_before: int) -> None:
        """Get one file, ``done_before`` being the bytes of those before it.

        Raises ConnectionLostError (what came is kept), WrongContentError (nothing is),
        DownloadError or JobCancelledError.
        """
        target = self._folder / file.path
        part = part_path(target)
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            here = self._usable_bytes(file, part)
            self._progress.set_done(done_before + here)
            if here < file.size_bytes or not part.exists():
                self._receive(file, part, here, done_before)
            if not matches(part, file, self._token):
                part.unlink()
                raise WrongContentError(f"{file.path} is not what the server lists it to be.")
            part.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise in_words(error, target) from error

    def _usable_bytes(self, file: HubFile, part: Path) -> int:
        """How many bytes of this file are here already; what cannot be its is dropped."""
        if not part.exists():
            return 0
        size = part.stat().st_size
        is_known = self._part is not None and self._part.path == file.path
        if is_known and size <= file.size_bytes:
            return size
        part.unlink()
        return 0

    def _receive(self, file: HubFile, part: Path, here: int, done_before: int) -> None:
        source = self._source
        etag = self._part.etag if self._part and here else ""
        try:
            with source.hub.open_file(source.hub_id, source.commit, file.path, here, etag) as body:
                if body.start != here and body.start != 0:
                    raise RangeRefusedError(f"{file.path} goes on at another byte than asked for.")
                if body.start and etag and body.etag != etag:
                    raise RangeRefusedError(f"{file.path} has changed.")
                self._part = PartNote(file.path, body.etag)
                self._keep_note(self._part)
                self._progress.set_done(done_before + body.start)
                self._write(file, part, body)
        except WrongContentError:
            part.unlink(missing_ok=True)
            raise
        except RangeRefusedError:
            part.unlink(missing_ok=True)
            raise ConnectionLostError(f"{file.path} must be fetched from its beginning.") from None

    def _write(self, file: HubFile, part: Path, body: "FileBody") -> None:
        written = body.start
        with part.open("r+b" if body.start else "wb") as out:
            out.seek(body.start)
            while chunk := body.read(_BLOCK):
                written += len(chunk)
                if written > file.size_bytes:
                    raise WrongContentError(f"{file.path} is longer than the server lists it.")
                out.write(chunk)
                self._progress.add(len(chunk))
                self._token.raise_if_cancelled()
            out.flush()
            os.fsync(out.fileno())
        self._token.raise_if_cancelled()
        if written < file.size_bytes:
            raise ConnectionLostError(f"The connection broke off within {file.path}.")


def matches(
    path: Path, file: HubFile, token: CancelToken, progress: Progress | None = None
) -> bool:
    """Whether a file on disk is the listed one, by its size and digest. Raises OSError.

    Small files have no SHA-256 in a listing, but git's name for their content: the SHA-1 of
    "blob", their length, a zero byte and their bytes.
    """
    if path.stat().st_size != file.size_bytes:
        return False
    digest = hashlib.sha256()
    if not file.sha256 and file.blob_id:
        digest = hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            token.raise_if_cancelled()
            digest.update(chunk)
            if progress:
                progress.add(len(chunk))
    expected = file.sha256 or file.blob_id
    return not expected or digest.hexdigest() == expected
