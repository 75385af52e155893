"""Joins the import's dialog to the importer and the history."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.library.store import Library
from algovera_desktop.services.import_report import ImportMode, ImportReport
from algovera_desktop.services.importer import Importer
from algovera_desktop.ui.dialogs.import_dialog import ImportDialog
from algovera_desktop.ui.history import History
from algovera_desktop.ui.import_deed import ImportDeed
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.wording import describe_error

_POOL = Pool.NETWORK
"""Not on the two workers for the library: minutes of reading would keep thumbnails and undo
waiting behind them."""


class ImportController(QObject):
    """Brings pictures in. ``action`` is for the File menu.

    Signals:
        imported: the ids of pictures that came in, a tuple of ints.
        trashed: the ids of pictures whose import was undone, a tuple of ints.
        restored: the ids of pictures that are back, a tuple of ints.
    """

    imported = Signal(object)
    trashed = Signal(object)
    restored = Signal(object)

    def __init__(
        self,
        importer: Importer,
        library: Library,
        history: History,
        tasks: Tasks,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._importer = importer
        self._library = library
        self._history = history
        self._tasks = tasks
        self._window = window
        self._dialog: ImportDialog | None = None
        self._deed: ImportDeed | None = None
        """The import whose report is shown."""
        self.action = QAction(self.tr("Import…"), self)
        self.action.setShortcut(QKeySequence("Ctrl+Shift+I"))
        self.action.triggered.connect(self._on_action_triggered)
        self.trashed.connect(partial(self._show_undone, True))
        self.restored.connect(partial(self._show_undone, False))

    def ask(self, sources: Sequence[Path] = ()) -> ImportDialog:
        """Ask how these shall come in; the dialog that is open takes them in."""
        dialog = self._dialog
        if dialog is None:
            dialog = self._dialog = ImportDialog(parent=self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.import_requested.connect(partial(self._on_import_requested, dialog))
            dialog.undo_requested.connect(self._on_undo_requested)
            dialog.finished.connect(self._on_dialog_finished)
        if not dialog.is_busy:
            dialog.add(sources)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def _on_action_triggered(self) -> None:
        self.ask()

    def _on_import_requested(
        self, dialog: ImportDialog, sources: list[Path], mode: ImportMode
    ) -> None:
        # Of its own: what came in before it was stopped stays, and has to be told.
        token = CancelToken()
        task = self._tasks.start(_POOL, partial(self._run, sources, mode, token))
        task.progressed.connect(dialog.show_progress)
        task.succeeded.connect(partial(self._on_imported, dialog))
        task.failed.connect(partial(self._on_failed, dialog))
        dialog.cancelled.connect(token.cancel)

    def _run(
        self, sources: list[Path], mode: ImportMode, token: CancelToken, context: TaskContext
    ) -> ImportReport:
        with context.token.interrupting(token.cancel):
            return self._importer.run(sources, mode, token, context.report)

    def _on_imported(self, dialog: ImportDialog, report: ImportReport) -> None:
        deed = self._remembered(report.image_ids) if report.image_ids else None
        if report.image_ids:
            self.imported.emit(report.image_ids)
        if dialog is self._dialog:
            self._deed = deed
            dialog.show_report(report)

    def _remembered(self, ids: tuple[int, ...]) -> ImportDeed:
        """Have the history know that these came in."""
        deed = ImportDeed(self._library, ids, self.restored.emit, self.trashed.emit)
        self._history.do(deed)
        return deed

    def _on_failed(self, dialog: ImportDialog, error: Exception) -> None:
        # Any other exception is a bug of ours, which Tasks tells.
        words = describe_error(error) if isinstance(error, AlgoveraError) else None
        if dialog is self._dialog:
            dialog.show_failure(f"{words.title} {words.advice}".strip() if words else "")

    def _on_undo_requested(self) -> None:
        if self._deed is not None:
            self._history.undo_deed(self._deed)

    def _show_undone(self, is_undone: bool, ids: tuple[int, ...]) -> None:
        """Say so in the report of the import that it is about, if that is shown."""
        if self._dialog is not None and self._deed is not None and ids[0] in self._deed.ids:
            self._dialog.show_undone(is_undone)

    def _on_dialog_finished(self) -> None:
        self._dialog = self._deed = None
