"""One import under way: from the files that were found to their records."""

import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import AlgoveraError, DiskFullError, LibraryError
from algovera_desktop.library.adopted_curation import adopt
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.names import is_text
from algovera_desktop.library.picture_file import PictureFile, read_picture_file
from algovera_desktop.library.store import Library
from algovera_desktop.services.adoption import add_picture
from algovera_desktop.services.import_copies import ImportCopies, PlacedPicture
from algovera_desktop.services.import_report import ImportMode, ImportReport, Remark
from algovera_desktop.services.known_pictures import known_paths, known_pictures

BATCH = 200
"""Pictures in one transaction: few enough that a cancel is soon heard, enough that what a
transaction costs is little beside them."""

_THREADS = 2
"""One reads and hashes, without the interpreter's lock, while the other makes sense of texts."""


@dataclass(slots=True)
class Tally:
    """What has become of the files so far."""

    image_ids: list[int] = field(default_factory=list[int])
    known_count: int = 0
    trashed_ids: dict[int, None] = field(default_factory=dict[int, None])
    refused: list[Remark] = field(default_factory=list[Remark])
    remarks: list[Remark] = field(default_factory=list[Remark])

    def report(self, stopped_by: AlgoveraError | None) -> ImportReport:
        return ImportReport(
            tuple(self.image_ids),
            self.known_count,
            tuple(self.trashed_ids),
            tuple(self.refused),
            tuple(self.remarks),
            stopped_by,
        )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Files that are being read; ``count`` has those too that need not be."""

    count: int
    reading: list[tuple[Path, Future[PictureFile]]]


@dataclass(frozen=True, slots=True)
class _Placing:
    """A picture and, where it has to be copied, the copy's time as soon as that is done."""

    placed: PlacedPicture
    copying: Future[int] | None = None


class ImportRun:
    """Writes what becomes of each file into ``tally``. Raises JobCancelledError and LibraryError's
    kinds; what was written before that stays."""

    def __init__(
        self,
        database: Database,
        library: Library,
        files: PictureFiles,
        copies: ImportCopies,
        mode: ImportMode,
        token: CancelToken,
    ) -> None:
        self.tally = Tally()
        self._database = database
        self._library = library
        self._files = files
        self._copies = copies
        self._mode = mode
        self._token = token

    def bring_in(self, paths: Sequence[Path], on_done: Callable[[int], None]) -> None:
        """Bring in these files, in their order; tells how many have been dealt with so far."""
        rest, done = iter(paths), 0
        with _workers() as workers:
            batch = self._begun(rest, workers)
            while batch is not None:
                placing = self._placing(self._new(self._read(batch)), workers)
                # After the copies, so that these are read while the records are written.
                following = self._begun(rest, workers)
                placed = self._placed(placing)
                self._token.raise_if_cancelled()
                self._write(placed)
                done += batch.count
                on_done(done)
                batch = following

    def _begun(self, rest: Iterator[Path], workers: ThreadPoolExecutor) -> _Batch | None:
        """The next batch, which is being read; None after the last."""
        batch = list(islice(rest, BATCH))
        if not batch:
            return None
        reading = [(path, workers.submit(self._look, path)) for path in self._unknown(batch)]
        return _Batch(len(batch), reading)

    def _look(self, path: Path) -> PictureFile:
        self._token.raise_if_cancelled()
        return read_picture_file(path)

    def _unknown(self, batch: Sequence[Path]) -> list[Path]:
        """Those that no record has for its file: the rest need not even be read."""
        names = [self._files.known_as(path) for path in batch]
        texts = [name for name in names if is_text(name)]
        known = self._database.read(lambda connection: known_paths(connection, texts))
        for image_id, is_trashed in known.values():
            self._count_known(image_id, is_trashed)
        unknown: list[Path] = []
        for path, name in zip(batch, names, strict=True):
            if self._mode is ImportMode.IN_PLACE and not is_text(name):
                self._refuse(path, "its name is no readable text")
            elif name not in known:
                unknown.append(path)
        return unknown

    def _read(self, batch: _Batch) -> list[PictureFile]:
        pictures: list[PictureFile] = []
        for path, result in batch.reading:
            try:
                pictures.append(result.result())
            except MetadataError as error:
                self._refuse(path, str(error))
            except OSError as error:
                self._refuse(path, error.strerror or str(error))
        return pictures

    def _new(self, pictures: Sequence[PictureFile]) -> list[PictureFile]:
        """Those whose content the library does not have, the first of each."""
        hashes = [picture.image.sha256 for picture in pictures]
        known = self._database.read(lambda connection: known_pictures(connection, hashes))
        new: dict[str, PictureFile] = {}
        for picture in pictures:
            sha256 = picture.image.sha256
            if sha256 in known:
                self._count_known(*known[sha256])
            elif sha256 in new:
                self.tally.known_count += 1
            else:
                new[sha256] = picture
        return list(new.values())

    def _placing(
        self, pictures: Sequence[PictureFile], workers: ThreadPoolExecutor
    ) -> list[_Placing]:
        """Where each is to stay; what has to be copied there is on its way."""
        if self._mode is ImportMode.IN_PLACE:
            paths = (self._files.known_as(Path(picture.image.path)) for picture in pictures)
            return [_Placing(placed) for placed in map(PlacedPicture, pictures, paths)]
        planned = self._copies.plan(pictures)
        return [_Placing(copy, workers.submit(self._copy, copy)) for copy in planned]

    def _placed(self, placing: Sequence[_Placing]) -> list[PlacedPicture]:
        """Those that lie where they are to stay."""
        placed = [done for each in placing if (done := self._arrived(each)) is not None]
        if self._mode is ImportMode.COPY:
            self._copies.sync([each.path for each in placed])
        for each in placed:
            sidecar = each.picture.sidecar
            if sidecar is not None and sidecar.problem:
                self.tally.remarks.append(Remark(sidecar.path, sidecar.problem))
        return placed

    def _arrived(self, placing: _Placing) -> PlacedPicture | None:
        copy, picture = placing.placed, placing.placed.picture
        if placing.copying is None:
            return copy
        try:
            modified_ns = placing.copying.result()
        except DiskFullError:
            raise
        except LibraryError as error:
            self._copies.discard(copy)
            self._refuse(Path(picture.image.path), str(error))
            return None
        return replace(copy, picture=replace(picture, modified_ns=modified_ns))

    def _copy(self, planned: PlacedPicture) -> int:
        self._token.raise_if_cancelled()
        return self._copies.make(planned)

    def _write(self, placed: Sequence[PlacedPicture]) -> None:
        added = self._database.write(lambda connection: self._add(connection, placed))
        self.tally.image_ids += added
        if len(added) < len(placed):
            self.tally.known_count += len(placed) - len(added)
            self._copies.clean_up()

    def _add(self, connection: sqlite3.Connection, placed: Sequence[PlacedPicture]) -> list[int]:
        """Returns the ids. A look at the disk can have given a file its record meanwhile."""
        by_path = known_paths(connection, [each.path for each in placed])
        by_hash = known_pictures(connection, [each.picture.image.sha256 for each in placed])
        added: dict[int, PictureFile] = {}
        wanted: list[tuple[str, str]] = []
        unwanted: list[tuple[str, str]] = []
        is_copy = self._mode is ImportMode.COPY
        for each in placed:
            sha256 = each.picture.image.sha256
            if each.path in by_path or sha256 in by_hash:
                unwanted.append((each.path, sha256))
                continue
            picture = each.picture
            image_id = add_picture(connection, self._library, each.path, picture, is_ours=is_copy)
            added[image_id] = picture
            wanted.append((each.path, sha256))
        curations = {i: one.curation for i, one in added.items() if not one.curation.is_empty}
        adopt(connection, curations, [i for i, one in added.items() if one.sidecar])
        self._copies.keep(connection, *((unwanted, wanted) if is_copy else ()))
        return list(added)

    def _refuse(self, path: Path, reason: str) -> None:
        self.tally.refused.append(Remark(path, reason))

    def _count_known(self, image_id: int, is_trashed: bool) -> None:
        self.tally.known_count += 1
        if is_trashed:
            self.tally.trashed_ids[image_id] = None


@contextmanager
def _workers() -> Generator[ThreadPoolExecutor]:
    executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="import")
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
