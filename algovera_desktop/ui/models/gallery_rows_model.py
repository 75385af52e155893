"""The rows of the gallery as Qt sees them, and how they come, change and go."""

from array import array
from collections.abc import Collection, Iterable, Sequence
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

from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.ui.models.gallery_head import Entry
from algovera_desktop.ui.models.gallery_ids import ImageIds
from algovera_desktop.ui.models.gallery_jobs import GalleryJobs
from algovera_desktop.ui.models.gallery_list import GalleryList
from algovera_desktop.ui.models.gallery_records import GalleryRecords
from algovera_desktop.ui.models.gallery_rows import JobTile, Tile, runs_of
from algovera_desktop.ui.models.gallery_selection import GallerySelection
from algovera_desktop.ui.models.tile_words import describe_tile, prompt_excerpt

_FEW_RUNS = 4
"""In so many places rows come or go one place after the other; in more, all at once."""

Index = QModelIndex | QPersistentModelIndex


class GalleryRole(IntEnum):
    """``TILE`` gives the whole row in one call: an ImageRecord, a JobTile, or None."""

    TILE = Qt.ItemDataRole.UserRole + 1


class GalleryRowsModel(QAbstractListModel):
    """Rows that know what they show only while their record is at hand.

    Whatever comes or goes is told to Qt in a few steps, and what has the cursor or is selected
    keeps it, wherever its row is then.

    Signals:
        many_changing: rows are about to come or go in many places at once.
    """

    many_changing = Signal()

    def __init__(self, records: GalleryRecords, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._query = LibraryQuery()
        self._jobs = GalleryJobs()
        self._list = GalleryList(ImageIds(self._query))
        self._records = records
        self._records.setParent(self)
        self._records.arrived.connect(self._tell_changed)

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._list)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == GalleryRole.TILE:
            return self.tile(index.row())
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            tile = self.tile(index.row())
            return describe_tile(tile) if tile else self.tr("Loading…")
        if role == Qt.ItemDataRole.ToolTipRole:
            tile = self.tile(index.row())
            return prompt_excerpt(tile) if tile else None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if isinstance(self._list[index.row()], int):
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags | Qt.ItemFlag.ItemNeverHasChildren

    # What is in the rows

    @property
    def query(self) -> LibraryQuery:
        """The query whose pictures are shown."""
        return self._query

    def tile(self, row: int) -> Tile | None:
        """What a row shows; None while its record is not at hand."""
        entry = self._list[row]
        return self._jobs[entry] if isinstance(entry, str) else self._records.get(entry)

    def selection(self, spans: Iterable[tuple[int, int]]) -> GallerySelection:
        """What lies in these stretches of rows, each from its first to its last."""
        ids, jobs, first_row = array("q"), list[JobTile](), 0
        for first, last in spans:
            ids.extend(self._list.pictures_between(first, last))
            jobs.extend(self._jobs[job_id] for job_id in self._list.jobs_between(first, last))
            first_row = first
        only = self.tile(first_row) if len(ids) + len(jobs) == 1 else None
        return GallerySelection(ids, jobs, only, self._query.trashed, self._query.album_id)

    def id_of(self, row: int) -> int | None:
        """The id of the picture in a row; None where a job is."""
        entry = self._list[row]
        return entry if isinstance(entry, int) else None

    def row_of_image(self, image_id: int) -> int | None:
        return self._list.row_of(image_id)

    def row_of_job(self, job_id: str) -> int | None:
        return self._list.row_of(job_id)

    # How they change

    def _remove_runs(self, runs: Sequence[tuple[int, int]]) -> None:
        for first, last in reversed(runs):
            self.beginRemoveRows(QModelIndex(), first, last)
            self._list.remove(first, last)
            self.endRemoveRows()

    def _tell_changed(self, entries: Iterable[Entry]) -> None:
        rows = (self._list.row_of(entry) for entry in entries)
        for first, last in runs_of(row for row in rows if row is not None):
            self.dataChanged.emit(self.index(first), self.index(last))

    def _replace(self, left: Collection[int], ids: ImageIds) -> None:
        """Have other pictures in the rows: some at the end, or any changes in one go. ``left``
        are those that leave the head."""
        rows, old = self._list, self._list.ids
        if left or not ids.starts_with(old):
            self.many_changing.emit()
            self.layoutAboutToBeChanged.emit()
            indexes = self.persistentIndexList()
            entries = [rows[index.row()] for index in indexes]
            for image_id in left:
                row = rows.head.row_of(image_id)
                if row is not None:
                    rows.head.remove(row, row)
            rows.ids = ids
            where = map(rows.row_of, entries)
            moved = [QModelIndex() if row is None else self.index(row) for row in where]
            self.changePersistentIndexList(indexes, moved)
            self.layoutChanged.emit()
        elif len(ids) > len(old):
            front = len(rows.head)
            self.beginInsertRows(QModelIndex(), front + len(old), front + len(ids) - 1)
            rows.ids = ids
            self.endInsertRows()

    def _remove_pictures(self, ids: Collection[int]) -> int:
        """Take pictures out; how many of them were here."""
        rows = self._list.rows_of(ids)
        runs = runs_of(rows)
        if len(runs) <= _FEW_RUNS:
            self._remove_runs(runs)
        else:
            head, here = self._list.head, self._list.ids
            behind = [row - len(head) for row in rows if row >= len(head)]
            self._replace(head.pictures_among(ids), here.without_rows(behind))
        return len(rows)

    def _insert_pictures(self, ids: Collection[int]) -> None:
        """Put pictures in where their ids say that they belong."""
        mine, front = self._list.ids, len(self._list.head)
        runs = [(row, list(run)) for row, run in groupby(mine.in_order(ids), mine.row_for)]
        if len(runs) > _FEW_RUNS:
            self._replace((), mine.including(ids))
            return
        for row, run in reversed(runs):
            self.beginInsertRows(QModelIndex(), front + row, front + row + len(run) - 1)
            mine.insert(row, run)
            self.endInsertRows()
