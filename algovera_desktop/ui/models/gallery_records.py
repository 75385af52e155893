"""The records of the pictures that are seen, and of some around them."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks

_KEPT = 4000
"""Three screenfuls of the smallest tiles on the largest screen, and some more."""

_AT_ONCE = 100
_PRIORITY = 12
"""Records go before thumbnails: without them there is nothing to make thumbnails of."""
_FETCH_PRIORITY = 30
"""Somebody has the mouse button pressed."""


class GalleryRecords(QObject):
    """Gives records that are at hand and reads those that are wished for, by key, a few at a time.

    Who shows pictures says with ``set_wanted`` which ones it shows now, the most urgent first;
    what was wished for before and was not begun yet is forgotten.

    Signals:
        arrived: the ids whose record has come or has changed, a list of ints.
        failed: the AlgoveraError that kept records from being read.
    """

    arrived = Signal(object)
    failed = Signal(object)

    def __init__(self, search: LibrarySearch, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self._tasks = tasks
        self._records: OrderedDict[int, ImageRecord] = OrderedDict()
        self._wanted: dict[str, Sequence[int]] = {}
        self._stale: set[int] = set()
        self._absent: set[int] = set()
        self._under_way: set[int] = set()
        self._overtaken: set[int] = set()

    def get(self, image_id: int) -> ImageRecord | None:
        return self._records.get(image_id)

    def keep(self, records: Iterable[ImageRecord]) -> None:
        """Take records that somebody else has read just now."""
        for record in records:
            if self._under_way:
                self._overtaken.add(record.id)
            self._records[record.id] = record
            self._records.move_to_end(record.id)
            self._stale.discard(record.id)
            self._absent.discard(record.id)
        while len(self._records) > _KEPT:
            self._records.popitem(last=False)

    def set_wanted(self, who: str, ids: Sequence[int]) -> None:
        """Replace the wishes of one that shows pictures; the latest to wish is served first."""
        self._wanted.pop(who, None)
        self._wanted = {who: ids, **self._wanted}
        for image_id in ids:
            if image_id in self._records:
                self._records.move_to_end(image_id)
        self._read_next()

    def read_anew(self, ids: Collection[int]) -> None:
        """Read records again that have changed; until then the old ones are shown."""
        known = self._records.keys() | self._under_way
        changed = known if len(ids) > _KEPT else known & set(ids)
        self._absent -= changed
        self._stale |= changed & set(chain.from_iterable(self._wanted.values()))
        for image_id in changed - self._stale:
            self._records.pop(image_id, None)
        self._read_next()

    def fetch(self, ids: Sequence[int]) -> Task:
        """Read records, in this order, for one who cannot wait until they are seen."""
        known = [self._records.get(image_id) for image_id in ids]

        def read(_context: TaskContext) -> list[ImageRecord]:
            if None not in known:
                return [record for record in known if record]
            return self._search.records(ids)

        return self._tasks.start(Pool.STORAGE, read, priority=_FETCH_PRIORITY)

    def retry(self) -> None:
        """Ask again for what could not be read."""
        self._absent.clear()

    def _read_next(self) -> None:
        if self._under_way:
            return
        ids = list(islice(self._wishes(), _AT_ONCE))
        if not ids:
            return
        # What changes from now on is stale again, though it is on its way.
        self._stale.difference_update(ids)
        self._under_way.update(ids)
        self._overtaken.clear()
        task = self._tasks.start(Pool.STORAGE, partial(self._read, ids), priority=_PRIORITY)
        task.succeeded.connect(self._on_task_succeeded)
        task.failed.connect(self._on_task_failed)
        task.finished.connect(self._on_task_finished)

    def _wishes(self) -> Iterator[int]:
        for image_id in dict.fromkeys(chain.from_iterable(self._wanted.values())):
            is_read = image_id in self._records and image_id not in self._stale
            if not is_read and image_id not in self._absent:
                yield image_id

    def _read(self, ids: Sequence[int], _context: TaskContext) -> list[ImageRecord]:
        return self._search.records(ids)

    def _on_task_succeeded(self, records: list[ImageRecord]) -> None:
        stale = self._stale & self._under_way
        self.keep([record for record in records if record.id not in self._overtaken])
        self._stale |= stale
        self._absent |= self._under_way - {record.id for record in records}
        self.arrived.emit([record.id for record in records])

    def _on_task_failed(self, error: Exception) -> None:
        self._absent |= self._under_way
        if isinstance(error, AlgoveraError):
            self.failed.emit(error)

    def _on_task_finished(self) -> None:
        self._under_way.clear()
        self._overtaken.clear()
        self._read_next()
