"""Answers a query for the gallery in two steps: the first screenful, then which ones there are."""

from array import array
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks

FIRST_COUNT = 100
"""More than a window shows at most sizes; what more it shows is read as it is seen."""
_PRIORITY = 15
_PAUSE_MS = 150
"""Between the two steps: to find all pictures keeps a processor busy, which whoever goes on typing
needs for the next first screenful."""


class GalleryReader(QObject):
    """Reads for one query at a time; another one stops what is under way at once.

    Signals:
        first_read: the query and its first records; the rest follows, where there is one.
        ids_read: the query and the ids of all its pictures in their order, an array.
        matched: the query, the ids that were asked, and those of them that it matches.
        failed: the exception that the reading ended with.
    """

    first_read = Signal(object, object)
    ids_read = Signal(object, object)
    matched = Signal(object, object, object)
    failed = Signal(object)

    def __init__(self, search: LibrarySearch, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self._tasks = tasks
        self._reading: Task | None = None
        self._paused_for: LibraryQuery | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause_timeout)

    @property
    def is_reading(self) -> bool:
        """Whether a query is being answered."""
        return self._reading is not None or self._pause.isActive()

    def read(self, query: LibraryQuery) -> None:
        """Answer a query in two steps."""

        def first(_context: TaskContext) -> list[ImageRecord]:
            return self._search.first(query, FIRST_COUNT)

        self._start(Pool.STORAGE, first, partial(self._on_first_succeeded, query))

    def read_ids(self, query: LibraryQuery) -> None:
        """Only the second step, for a query whose pictures are not what they were."""

        def ids(context: TaskContext) -> "array[int]":
            return self._search.ids(query, context.token)

        self._start(Pool.LOOKUP, ids, partial(self._on_ids_succeeded, query))

    def match(self, query: LibraryQuery, ids: Sequence[int]) -> None:
        """Find which of some pictures a query matches."""

        def matching(context: TaskContext) -> list[int]:
            found: list[int] = []
            for image_id in ids:
                context.token.raise_if_cancelled()
                if self._search.matches(query, image_id):
                    found.append(image_id)
            return found

        task = self._tasks.start(Pool.STORAGE, matching, priority=_PRIORITY)
        task.succeeded.connect(partial(self.matched.emit, query, ids))
        task.failed.connect(self._on_task_failed)

    def _start(
        self, pool: Pool, work: Callable[[TaskContext], Any], then: Callable[[Any], None]
    ) -> None:
        self._pause.stop()
        if self._reading:
            self._reading.cancel()
        self._reading = task = self._tasks.start(pool, work, priority=_PRIORITY)
        task.succeeded.connect(then)
        task.failed.connect(self._on_reading_failed)

    def _on_first_succeeded(self, query: LibraryQuery, records: list[ImageRecord]) -> None:
        reading = self._reading
        self.first_read.emit(query, records)
        if self._reading is not reading:
            return  # Whoever was told wants something else by now.
        self._reading = None
        if len(records) < FIRST_COUNT:
            self._on_ids_succeeded(query, array("q", [record.id for record in records]))
        else:
            self._paused_for = query
            self._pause.start()

    def _on_pause_timeout(self) -> None:
        assert self._paused_for is not None
        self.read_ids(self._paused_for)

    def _on_ids_succeeded(self, query: LibraryQuery, ids: "array[int]") -> None:
        self._reading = None
        self.ids_read.emit(query, ids)

    def _on_reading_failed(self, error: Exception) -> None:
        self._reading = None
        self._on_task_failed(error)

    def _on_task_failed(self, error: Exception) -> None:
        if isinstance(error, AlgoveraError):
            self.failed.emit(error)
