"""Shows what the selected picture was varied from, and what from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.database import Database
from algovera_desktop.library.lineage import Lineage
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks
from algovera_desktop.ui.widgets.lineage_line import LineageLine

_PRIORITY = 12


@dataclass(frozen=True, slots=True)
class _Family:
    record: ImageRecord
    parents: Sequence[ImageRecord]
    children: Sequence[ImageRecord]


class LineageController(QObject):
    """Reads a picture's family off the UI thread, the last one asked for only.

    Signals:
        failed: the AlgoveraError that it could not be read for.
    """

    failed = Signal(object)

    def __init__(
        self, database: Database, line: LineageLine, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._lineage = Lineage(database)
        self._line = line
        self._tasks = tasks
        self._record: ImageRecord | None = None
        self._reading: Task | None = None

    def show_record(self, record: ImageRecord | None) -> None:
        """Show a picture's family as soon as it is known; None hides the line."""
        if record is not None and self._record is not None and record.id == self._record.id:
            return
        self._record = record
        self._stop()
        if record is None:
            self._line.clear()
        else:
            self._read(record)

    def picture_came(self, record: ImageRecord) -> None:
        """Show a new picture, too, if it was varied from the one whose family is shown."""
        if self._record is not None and record.parent_sha256 == self._record.sha256:
            self.look_again()

    def look_again(self) -> None:
        """The family may be another one: pictures came, or were put in the trash."""
        if self._record is not None:
            self._stop()
            self._read(self._record)

    def _read(self, record: ImageRecord) -> None:
        work = partial(_family, self._lineage, record)
        self._reading = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY)
        self._reading.succeeded.connect(self._on_reading_succeeded)
        self._reading.failed.connect(self.failed)
        self._reading.finished.connect(self._on_reading_finished)

    def _stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _on_reading_succeeded(self, family: _Family) -> None:
        self._line.show_family(family.record, family.parents, family.children)

    def _on_reading_finished(self) -> None:
        if self.sender() is self._reading:
            self._reading = None


def _family(lineage: Lineage, record: ImageRecord, _context: TaskContext) -> _Family:
    return _Family(record, lineage.parents(record), lineage.children(record))
