"""The gallery as Qt sees it: one list of open jobs and kept pictures, newest first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum
from itertools import groupby
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.domain.jobs import LINE_STATES, FailureKind, Job, JobProgress, JobState
from algovera_desktop.library.store import Library
from algovera_desktop.ui.models.gallery_rows import (
    GalleryRows,
    JobTile,
    Place,
    Tile,
    place_of_record,
    runs_of,
    with_job,
)
from algovera_desktop.ui.models.gallery_selection import GallerySelection, selection_of
from algovera_desktop.ui.models.tile_words import describe_tile, prompt_excerpt
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks

PAGE_LENGTH = 200
_PAGE_PRIORITY = 10
"""A page goes before thumbnails: without it there is nothing to make thumbnails of."""

MAX_IN_LINE = 50
"""Of what waits, as many have a tile; the queue's own list shows them all."""

_GONE = frozenset({JobState.CANCELLED})
_WITHOUT_NEW_TILE = LINE_STATES | {JobState.CANCELLED, JobState.DONE}

Index = QModelIndex | QPersistentModelIndex


class GalleryRole(IntEnum):
    """``TILE`` gives the whole row, an ImageRecord or a JobTile, in one call."""

    TILE = Qt.ItemDataRole.UserRole + 1


class GalleryModel(QAbstractListModel):
    """Jobs and pictures in one list. Pictures come from the library page by page, as the view
    asks for more, read on the storage pool; a finished job's row turns into its picture in place.

    While a query shows the trash, jobs are kept but not shown.

    Signals:
        page_loaded: a page has arrived, an empty one too.
        load_failed: the AlgoveraError that kept a page from being read.
    """

    page_loaded = Signal()
    load_failed = Signal(object)

    def __init__(self, library: Library, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._tasks = tasks
        self._query = LibraryQuery()
        self._rows = GalleryRows()
        self._jobs: dict[str, JobTile] = {}
        self._in_line = 0
        self._holds: dict[str, FailureKind | None] = {}
        self._removed: dict[int, Place] = {}
        self._last_id: int | None = None
        self._is_exhausted = True
        self._paging: Task | None = None

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        tile = self._rows[index.row()]
        if role == GalleryRole.TILE:
            return tile
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return describe_tile(tile)
        if role == Qt.ItemDataRole.ToolTipRole:
            return prompt_excerpt(tile)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if isinstance(self._rows[index.row()], ImageRecord):
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags | Qt.ItemFlag.ItemNeverHasChildren

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._is_exhausted

    def fetchMore(self, parent: Index) -> None:
        if self._paging or not self.canFetchMore(parent):
            return
        query, before_id = self._query, self._last_id

        def read(_context: TaskContext) -> list[ImageRecord]:
            return self._library.page(query, before_id=before_id, limit=PAGE_LENGTH)

        self._paging = self._tasks.start(Pool.STORAGE, read, priority=_PAGE_PRIORITY)
        self._paging.succeeded.connect(self._on_page_succeeded)
        self._paging.failed.connect(self._on_page_failed)

    # What the program asks

    @property
    def query(self) -> LibraryQuery:
        return self._query

    @property
    def is_loading(self) -> bool:
        return self._paging is not None

    def load(self) -> None:
        """Read the first page of the current query."""
        self.set_query(self._query)

    def set_query(self, query: LibraryQuery) -> None:
        """Show other pictures; the open jobs stand before all but the trash."""
        if self._paging:
            self._paging.cancel()
            self._paging = None
        self.beginResetModel()
        self._query = query
        self._rows = GalleryRows()
        self._removed = {}
        self._last_id = None
        self._is_exhausted = False
        self.endResetModel()
        self._show_jobs(list(self._jobs.values()))
        self.fetchMore(QModelIndex())

    def tile(self, row: int) -> Tile:
        return self._rows[row]

    def selection(self, spans: Iterable[tuple[int, int]]) -> GallerySelection:
        """What lies in these stretches of rows, each from its first to its last."""
        tiles = [self._rows[row] for first, last in spans for row in range(first, last + 1)]
        return selection_of(tiles)

    def row_of_image(self, image_id: int) -> int | None:
        return self._rows.row_of_image(image_id)

    def row_of_job(self, job_id: str) -> int | None:
        return self._rows.row_of_job(job_id)

    def add_jobs(self, jobs: Sequence[Job]) -> None:
        """Put new jobs in front; given oldest first, each group stays in its order. Of those
        that stand in line only the first MAX_IN_LINE are shown."""
        new: list[JobTile] = []
        for job in jobs:
            if job.id not in self._jobs and self._has_room_for(job):
                tile = JobTile(job, held_up_by=self._holds.get(job.server_id))
                self._jobs[job.id] = tile
                self._in_line += job.state in LINE_STATES
                new.append(tile)
        self._show_jobs(new)

    def update_jobs(self, jobs: Sequence[Job]) -> None:
        """Show the new states of jobs. A cancelled one goes; a done one waits for its picture;
        one that had no tile gets one when it leaves the line."""
        known = [(self._jobs[job.id], job) for job in jobs if job.id in self._jobs]
        self._change_jobs([with_job(tile, job) for tile, job in known if job.state not in _GONE])
        self.remove_jobs([job.id for _, job in known if job.state in _GONE])
        self.add_jobs([job for job in jobs if job.state not in _WITHOUT_NEW_TILE])

    def update_progress(self, progress: JobProgress) -> None:
        tile = self._jobs.get(progress.job_id)
        if tile:
            self._change_jobs([replace(tile, progress=progress)])

    def show_hold(self, server_id: str, reason: FailureKind | None) -> None:
        """Show why a server gets nothing now, or with None that nothing is in the way."""
        self._holds[server_id] = reason
        tiles = [tile for tile in self._jobs.values() if tile.job.server_id == server_id]
        self._change_jobs([replace(tile, held_up_by=reason) for tile in tiles])

    def complete_job(self, job_id: str, record: ImageRecord) -> None:
        """Turn a job's row into its picture, in place."""
        row = self.row_of_job(job_id)
        if row is None or self.row_of_image(record.id) is not None:
            self.remove_jobs([job_id])
            self.insert_images([record])
        else:
            self._forget_job(job_id)
            self._replace([(row, record)])

    def remove_jobs(self, ids: Iterable[str]) -> None:
        """Take jobs out; their pictures, where they have any, are not shown by this."""
        rows: list[int] = []
        for job_id in ids:
            self._forget_job(job_id)
            row = self.row_of_job(job_id)
            if row is not None:
                rows.append(row)
        for first, last in reversed(runs_of(rows)):
            self._remove(first, last)

    def remove_images(self, ids: Iterable[int]) -> None:
        """Take pictures out, remembering where they were."""
        rows = {self.row_of_image(image_id): image_id for image_id in ids}
        for first, last in reversed(runs_of(row for row in rows if row is not None)):
            gone = [rows[row] for row in range(first, last + 1)]
            self._removed.update(zip(gone, self._remove(first, last), strict=True))

    def insert_images(self, records: Iterable[ImageRecord]) -> None:
        """Put pictures where they were, or where their age puts them; what has left the trash
        goes from a view of the trash."""
        for record in records:
            if self._query.trashed != (record.trashed_at is not None):
                self.remove_images([record.id])
            elif self.row_of_image(record.id) is None:
                place = self._removed.pop(record.id, None) or place_of_record(record)
                self._insert([place], [record])

    # How it is done

    def _on_page_succeeded(self, page: list[ImageRecord]) -> None:
        self._paging = None
        self._is_exhausted = len(page) < PAGE_LENGTH
        if page:
            self._last_id = page[-1].id
        self._show_page([record for record in page if record.id not in self._removed])
        self.page_loaded.emit()

    def _on_page_failed(self, error: Exception) -> None:
        self._paging = None
        self._is_exhausted = True
        if isinstance(error, AlgoveraError):
            self.load_failed.emit(error)

    def _show_page(self, page: list[ImageRecord]) -> None:
        """Add pictures, newest first, of which some may stand here already."""
        fresh: list[ImageRecord] = []
        for record in page:
            if self.row_of_job(record.job_id) is not None:
                self.complete_job(record.job_id, record)
            elif self.row_of_image(record.id) is None:
                fresh.append(record)
        runs = groupby(fresh, key=lambda record: self._rows.row_for(place_of_record(record)))
        for run in reversed([list(run) for _, run in runs]):
            self._insert([place_of_record(record) for record in run], run)

    def _has_room_for(self, job: Job) -> bool:
        return job.state not in LINE_STATES or self._in_line < MAX_IN_LINE

    def _forget_job(self, job_id: str) -> None:
        tile = self._jobs.pop(job_id, None)
        if tile:
            self._in_line -= tile.job.state in LINE_STATES

    def _show_jobs(self, tiles: Sequence[JobTile]) -> None:
        if self._query.trashed:
            return
        for group_id, group in groupby(tiles, key=lambda tile: tile.job.group_id):
            run = list(group)
            self._insert(self._rows.places_in_group(group_id, len(run)), run)

    def _change_jobs(self, tiles: Sequence[JobTile]) -> None:
        changed: list[tuple[int, Tile]] = []
        for tile in tiles:
            self._in_line -= self._jobs[tile.job.id].job.state in LINE_STATES
            self._in_line += tile.job.state in LINE_STATES
            self._jobs[tile.job.id] = tile
            row = self.row_of_job(tile.job.id)
            if row is not None:
                changed.append((row, tile))
        self._replace(changed)

    def _replace(self, changed: Sequence[tuple[int, Tile]]) -> None:
        for row, tile in changed:
            self._rows.replace(row, tile)
        for first, last in runs_of(row for row, _ in changed):
            self.dataChanged.emit(self.index(first), self.index(last))

    def _insert(self, places: Sequence[Place], tiles: Sequence[Tile]) -> None:
        row = self._rows.row_for(places[0])
        self.beginInsertRows(QModelIndex(), row, row + len(tiles) - 1)
        self._rows.insert(places, tiles)
        self.endInsertRows()

    def _remove(self, first: int, last: int) -> list[Place]:
        self.beginRemoveRows(QModelIndex(), first, last)
        places = self._rows.remove(first, last)
        self.endRemoveRows()
        return places
