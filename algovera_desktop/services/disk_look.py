"""One look over the disk: each record's file, and each file that has no record."""

import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import time_ns

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.library.database import Database
from algovera_desktop.library.file_records import FileRecord, FileRecords, Seen
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.names import is_text
from algovera_desktop.library.picture_file import PictureFile, read_picture_file
from algovera_desktop.library.rows import to_stamp
from algovera_desktop.library.sidecar import read_sidecar_state, sidecar_path
from algovera_desktop.library.store import Library
from algovera_desktop.services.adoption import adopt_pictures
from algovera_desktop.services.away import AwayFolders, nearest_existing
from algovera_desktop.services.lost_records import LostRecords, Overwritten, seen_at, traded
from algovera_desktop.services.picture_folders import PictureFolders, pictures_below

_log = logging.getLogger(__name__)

_BATCH = 200
_PAUSE_S = 0.005
"""After each batch, so that whoever draws or waits for the disk has its turn."""

_MOST_GONE = 20_000
_MOST_OVERWRITTEN = 20_000
_MOST_FOLDERS = 10_000
_MOST_NEIGHBOURS = 20_000
_ADOPTED_AT_ONCE = 50
_DOUBT_NS = 3600 * 10**9
"""By how much a disk's clock may go wrong."""


@dataclass(frozen=True, slots=True)
class DiskProgress:
    """``done`` of about ``total`` records have been compared."""

    done: int
    total: int


@dataclass
class DiskChanges:
    """The ids of pictures by what was found of them. ``sidecars`` were changed outside and are to
    be read by whoever writes them. ``away`` are folders of pictures that are not there, of whose
    pictures nothing was judged."""

    moved: list[int] = field(default_factory=list[int])
    missing: list[int] = field(default_factory=list[int])
    returned: list[int] = field(default_factory=list[int])
    altered: list[int] = field(default_factory=list[int])
    adopted: list[int] = field(default_factory=list[int])
    sidecars: list[int] = field(default_factory=list[int])
    away: set[Path] = field(default_factory=set[Path])

    def shown_ids(self) -> frozenset[int]:
        """Pictures that look different since."""
        return frozenset((*self.moved, *self.missing, *self.returned, *self.altered))


class DiskLook:
    """Compares once. ``folder_times`` are of the folders that it came upon, for the next look."""

    def __init__(
        self,
        database: Database,
        library: Library,
        folders: PictureFolders,
        token: CancelToken,
        on_progress: Callable[[DiskProgress], object],
    ) -> None:
        self._database = database
        self._library = library
        self._records = FileRecords(database)
        self._folders = folders
        self._away = AwayFolders(folders)
        self._token = token
        self._on_progress = on_progress
        self._changes = DiskChanges()
        self._gone: list[FileRecord] = []
        self._overwritten: list[Overwritten] = []
        self._sidecars_since = self._records.sidecars_looked_at_ns() - _DOUBT_NS
        self.folder_times: dict[Path, int] = {}

    def run(self, within: Collection[Path] | None) -> DiskChanges:
        """Everything, or what lies below these folders. Raises JobCancelledError."""
        began_ns = time_ns()
        for folder in (*self._folders.all(), *(within or ())):
            self._remember(folder)
        self._compare(self._all() if within is None else self._below(within))
        self._look_for_lost(within)
        if within is None:
            self._records.remember_sidecars_looked_at(began_ns)
        return self._changes

    def _all(self) -> Iterator[list[FileRecord]]:
        after, total = 0, self._records.count()
        while batch := self._records.page(after, _BATCH):
            yield batch
            after = batch[-1].id
            self._on_progress(DiskProgress(after, total))

    def _below(self, within: Collection[Path]) -> Iterator[list[FileRecord]]:
        for folder in within:
            known_as = "" if folder == self._folders.root else self._folders.known_as(folder)
            after = ""
            while batch := self._records.below(known_as, after, _BATCH):
                yield batch
                after = batch[-1].path

    def _compare(self, batches: Iterable[list[FileRecord]]) -> None:
        for batch in batches:
            seen: list[Seen] = []
            changed_sidecars: list[int] = []
            for record in batch:
                file = self._folders.absolute(record.path)
                self._remember(file.parent)
                try:
                    status = file.stat()
                except (FileNotFoundError, NotADirectoryError):
                    self._add_gone(record, file)
                    continue
                except OSError:
                    self._changes.away.add(self._away_folder(file))
                    continue
                self._compare_one(record, file, status, seen)
                if self._has_changed_sidecar(file):
                    changed_sidecars.append(record.id)
            self._records.mark_seen(seen)
            self._records.have_sidecars_looked_at(changed_sidecars)
            self._changes.sidecars += changed_sidecars
            self._token.wait(_PAUSE_S)

    def _compare_one(
        self, record: FileRecord, file: Path, status: os.stat_result, seen: list[Seen]
    ) -> None:
        is_as_known = record.modified_ns in (0, status.st_mtime_ns)
        if status.st_size == record.size_bytes and is_as_known:
            if record.is_missing:
                self._changes.returned.append(record.id)
            if record.is_missing or record.modified_ns == 0:
                seen.append(Seen(record.id, record.path, status.st_mtime_ns))
            return
        if len(self._overwritten) >= _MOST_OVERWRITTEN:
            return  # Of these, too, the next look takes care.
        picture = _read(file)
        if picture is None:
            return  # Half-written, perhaps; the next look sees more.
        if picture.image.sha256 == record.sha256:
            seen.append(Seen(record.id, record.path, picture.modified_ns))
            return
        self._overwritten.append(Overwritten(record, file, replace(picture, packed_texts=None)))

    def _has_changed_sidecar(self, file: Path) -> bool:
        try:
            status = sidecar_path(file).stat()
            if max(status.st_mtime_ns, status.st_ctime_ns) < self._sidecars_since:
                return False
            state = read_sidecar_state(file)
        except (OSError, MetadataError):
            return False
        return state is not None and state.is_changed

    def _add_gone(self, record: FileRecord, file: Path) -> None:
        if self._away.hides(file):
            self._changes.away.add(self._away_folder(file))
        elif len(self._gone) < _MOST_GONE:
            self._gone.append(record)
        # Of more than that the next look takes care; most often their folder was moved, and
        # that is found out with the first.

    def _away_folder(self, file: Path) -> Path:
        own = (folder for folder in self._folders.all() if file.is_relative_to(folder))
        return next(own, file.parent)

    def _look_for_lost(self, within: Collection[Path] | None) -> None:
        """Each file without a record is one of the lost, or, in our folders, a new one. So is one
        with other bytes than its record says, unless it was edited where it is."""
        lost = LostRecords([*self._gone, *(one.record for one in self._overwritten)])
        edited = self._change_places(lost)
        self._find_among_new(lost, within)
        self._settle(lost, edited)
        for file in self._unknown(self._neighbours(lost)):
            if lost.may_be(file) and (picture := _read(file)) is not None:
                self._is_found(lost, file, picture)
        missing = [record.id for record in lost.left() if not record.is_missing]
        self._records.mark_missing(missing, to_stamp(datetime.now(UTC)))
        self._changes.missing += missing

    def _change_places(self, lost: LostRecords) -> list[Overwritten]:
        """Pictures that have traded names keep their records; returns what was edited, it seems."""
        trade = traded(lost, self._overwritten, self._folders)
        if trade.moved:
            self._records.change_places(trade.ousted, trade.moved, trade.sidecars)
        self._changes.moved += (seen.id for seen in trade.moved)
        edited: list[Overwritten] = []
        for one in trade.edited:
            if not lost.has(one.record):
                continue
            if self._folders.owns(one.file):
                edited.append(one)
            else:
                self._mark_altered(lost, one)  # No new picture would be taken in from there.
        return edited

    def _find_among_new(self, lost: LostRecords, within: Collection[Path] | None) -> None:
        new: list[tuple[str, PictureFile]] = []
        for file in self._unknown(self._own(within)):
            picture = _read(file)
            if picture is None or self._is_found(lost, file, picture):
                continue
            new.append((self._folders.known_as(file), picture))
            if len(new) >= _ADOPTED_AT_ONCE:
                self._adopt(new)
        self._adopt(new)

    def _settle(self, lost: LostRecords, edited: Iterable[Overwritten]) -> None:
        """What has not been found elsewhere was edited; else a new picture has its place."""
        for one in edited:
            if lost.has(one.record):
                self._mark_altered(lost, one)
            elif (picture := _read(one.file)) is not None:
                self._adopt([(one.record.path, picture)])

    def _mark_altered(self, lost: LostRecords, one: Overwritten) -> None:
        lost.drop(one.record)
        self._records.mark_altered(one.record.id, one.picture)
        self._have_sidecar_looked_at(one.record, one.picture)
        self._changes.altered.append(one.record.id)

    def _own(self, within: Collection[Path] | None) -> Iterator[Path]:
        if within is None:
            return self._folders.pictures()
        return (
            file for folder in within for file in pictures_below(folder) if self._folders.owns(file)
        )

    def _unknown(self, files: Iterator[Path]) -> Iterator[Path]:
        while batch := list(islice(files, _BATCH)):
            for file in batch:
                self._remember(file.parent)
            named = ((self._folders.known_as(file), file) for file in batch)
            by_path = {path: file for path, file in named if is_text(path)}
            for path in self._records.unknown(list(by_path)):
                yield by_path[path]
            self._token.wait(_PAUSE_S)

    def _is_found(self, lost: LostRecords, file: Path, picture: PictureFile) -> bool:
        record = lost.take(picture)
        if record is None:
            return False
        self._records.mark_seen([seen_at(record.id, file, picture, self._folders)])
        self._have_sidecar_looked_at(record, picture)
        self._changes.moved.append(record.id)
        return True

    def _have_sidecar_looked_at(self, record: FileRecord, picture: PictureFile) -> None:
        """It may have stayed behind, and another's may lie there."""
        if record.is_curated or picture.sidecar is not None:
            self._records.have_sidecars_looked_at([record.id])

    def _adopt(self, new: list[tuple[str, PictureFile]]) -> None:
        if new:
            self._changes.adopted += adopt_pictures(self._database, self._library, new)
            new.clear()

    def _neighbours(self, lost: LostRecords) -> Iterator[Path]:
        """Pictures near those that lay outside our folders and are newly gone."""
        places = {
            nearest_existing(self._folders.absolute(record.path).parent)
            for record in lost.left()
            if not record.is_missing
        }
        near = {place for place in places if not self._is_too_wide(place)}
        for place in sorted(near):
            if not any(place != other and place.is_relative_to(other) for other in near):
                yield from islice(pictures_below(place), _MOST_NEIGHBOURS)

    def _is_too_wide(self, place: Path) -> bool:
        """Whether this would be a search of the whole machine, or of what was searched."""
        is_own = any(place.is_relative_to(folder) for folder in self._folders.all())
        return is_own or place == place.parent or Path.home().is_relative_to(place)

    def _remember(self, folder: Path) -> None:
        if folder not in self.folder_times and len(self.folder_times) < _MOST_FOLDERS:
            try:
                self.folder_times[folder] = folder.stat().st_mtime_ns
            except OSError:
                self.folder_times[folder] = 0


def _read(file: Path) -> PictureFile | None:
    try:
        return read_picture_file(file)
    except (MetadataError, OSError) as error:
        _log.info("%s is passed over: %s", file, error)
        return None
