"""What keeps the library whole and true to the disk while the artist works."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.settings import TRASH_DAYS
from algovera_desktop.services.disk_look import DiskChanges
from algovera_desktop.services.keepers import Keepers
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.services.sidecars import SidecarsWritten
from algovera_desktop.services.trash_keeper import Emptied
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks, Work

_FIRST_AFTER_MS = 3000
"""From the library's opening: its first screenful and the pictures on it come before."""

_SIDECARS_AFTER_MS = 1500
"""From the last change to its sidecar: many stars in a row become one write each."""

_INDEX_AFTER_MS = 20_000
"""From the last look at the index of words: in that time no one writes so much that a search or
another write would feel it. A look that finds nothing to do takes 0.2 ms."""


class LibraryKeeper(QObject):
    """Lets the keepers work one after the other, on a thread of their own, beside everything else.

    Signals:
        progressed: a DiskProgress, while all files are compared with their records.
        damage_found: what is wrong with the library's file, lines in SQLite's words.
        disk_compared: the DiskChanges of a look, also when nothing had changed.
        pictures_curated: ids of pictures of which another program had written a rating or tags.
        trash_emptied: the Emptied of what was in the trash for too long.
        failed: an AlgoveraError; the work that it stopped is taken up at the next start.
    """

    progressed = Signal(object)
    damage_found = Signal(object)
    disk_compared = Signal(object)
    pictures_curated = Signal(object)
    trash_emptied = Signal(object)
    failed = Signal(object)

    def __init__(
        self, keepers: Keepers, settings: SettingsStore, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._keepers = keepers
        self._settings = settings
        self._tasks = tasks
        self._is_looking = False
        self._first = self._timer(_FIRST_AFTER_MS, self._begin)
        self._sidecars = self._timer(_SIDECARS_AFTER_MS, self._write_sidecars)
        self._index = self._timer(_INDEX_AFTER_MS, self._keep_index)

    def start(self) -> None:
        """Do all of it once, soon."""
        self._first.start()

    def look_again(self) -> None:
        """Notice what came or went on the disk since the last look; for when the window is turned
        to again. Does nothing before the first look, and while one is under way."""
        if not self._is_looking and not self._first.isActive():
            self._start(self._look_again, self._on_look_succeeded, is_look=True)

    def write_sidecars_soon(self) -> None:
        """Something was made of pictures; have it written beside them."""
        self._sidecars.start()

    def _begin(self) -> None:
        self._start(self._check, self._on_check_succeeded)
        self._start(self._empty_trash, self._on_empty_trash_succeeded)
        self._start(self._look, self._on_look_succeeded, is_look=True)
        self._write_sidecars()
        self._keep_index()

    def _write_sidecars(self) -> None:
        self._start(self._bring_sidecars, self._on_sidecars_succeeded)

    def _keep_index(self) -> None:
        self._start(self._merge_index, self._on_index_succeeded)

    def _start(self, work: Work, on_success: Callable[..., None], *, is_look: bool = False) -> Task:
        task = self._tasks.start(Pool.UPKEEP, work)
        task.succeeded.connect(on_success)
        task.failed.connect(self._on_task_failed)
        if is_look:
            self._is_looking = True
            task.progressed.connect(self.progressed)
            task.finished.connect(self._on_look_finished)
        return task

    def _check(self, context: TaskContext) -> tuple[str, ...]:
        health = self._keepers.health
        return health.check(context.token) if health.is_check_due() else ()

    def _empty_trash(self, context: TaskContext) -> Emptied:
        return self._keepers.trash.empty_old(self._settings.get(TRASH_DAYS), context.token)

    def _look(self, context: TaskContext) -> DiskChanges:
        return self._keepers.reconciler.run(context.token, context.report)

    def _look_again(self, context: TaskContext) -> DiskChanges:
        changed = self._keepers.reconciler.quick_look()
        if not changed:
            return DiskChanges()
        return self._keepers.reconciler.run(context.token, lambda _: None, changed)

    def _bring_sidecars(self, context: TaskContext) -> SidecarsWritten:
        return self._keepers.sidecars.run(context.token)

    def _merge_index(self, context: TaskContext) -> int:
        return self._keepers.index.run(context.token)

    def _on_check_succeeded(self, findings: tuple[str, ...]) -> None:
        if findings:
            self.damage_found.emit(findings)

    def _on_empty_trash_succeeded(self, emptied: Emptied) -> None:
        if emptied.removed:
            self.trash_emptied.emit(emptied)

    def _on_look_succeeded(self, changes: DiskChanges) -> None:
        self.disk_compared.emit(changes)
        if changes.sidecars or changes.moved or changes.adopted:
            self.write_sidecars_soon()

    def _on_look_finished(self) -> None:
        self._is_looking = False

    def _on_sidecars_succeeded(self, written: SidecarsWritten) -> None:
        if written.taken_over:
            self.pictures_curated.emit(written.taken_over)

    def _on_index_succeeded(self, _steps: int) -> None:
        self._index.start()

    def _on_task_failed(self, error: Exception) -> None:
        # What is our own bug is told by the tasks themselves.
        if isinstance(error, LibraryError):
            self.failed.emit(error)

    def _timer(self, after_ms: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(then)
        return timer
