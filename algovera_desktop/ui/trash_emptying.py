"""Deleting pictures for good: the one thing that is asked about first, for nothing undoes it."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from algovera_desktop.services.trash_keeper import Emptied, TrashKeeper
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity

_MESSAGE = "emptying"
_TIMEOUT_S = 8.0


class TrashEmptying(QObject):
    """Asks, deletes on a worker in small batches, and says how far it is.

    Signals:
        emptied: some or all of the pictures are gone.
        failed: the exception that it ended with.
    """

    emptied = Signal()
    failed = Signal(object)

    def __init__(
        self, keeper: TrashKeeper, tasks: Tasks, messages: MessageBar, window: QWidget
    ) -> None:
        super().__init__(window)
        self._keeper = keeper
        self._tasks = tasks
        self._messages = messages
        self._window = window

    def ask(self, ids: Sequence[int] | None = None) -> QMessageBox:
        """Open the question; None for everything in the trash."""
        if ids is None:
            words = self.tr("Delete everything in the trash for good?")
        else:
            one = self.tr("Delete this picture for good?")
            many = self.tr("Delete %n pictures for good?", "", len(ids))
            words = one if len(ids) == 1 else many
        box = QMessageBox(QMessageBox.Icon.Warning, self.tr("Empty the trash"), words)
        box.setParent(self._window, box.windowFlags())
        box.setInformativeText(
            self.tr(
                "The pictures' files are deleted too, with their ratings, tags and notes. Only"
                " what was imported and left in its place keeps its file. This cannot be undone."
            )
        )
        role = QMessageBox.ButtonRole.DestructiveRole
        yes = box.addButton(self.tr("Delete for good"), role)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(partial(self.empty, ids))
        box.finished.connect(box.deleteLater)
        box.open()
        return box

    def empty(self, ids: Sequence[int] | None = None, _checked: bool = False) -> None:
        """Delete these pictures of the trash, or with None all of it, without asking."""

        def work(context: TaskContext) -> Emptied:
            return self._keeper.empty(context.token, context.report, ids)

        task = self._tasks.start(Pool.STORAGE, work)
        task.progressed.connect(self._on_task_progressed)
        task.succeeded.connect(self._on_task_succeeded)
        task.failed.connect(self.failed)
        task.finished.connect(self.emptied)

    def _on_task_progressed(self, so_far: Emptied) -> None:
        one = self.tr("One picture is deleted for good so far.")
        many = self.tr("%n pictures are deleted for good so far.", "", so_far.removed)
        words = one if so_far.removed == 1 else many
        self._messages.show_message(Message(words, key=_MESSAGE))

    def _on_task_succeeded(self, emptied: Emptied) -> None:
        one = self.tr("One picture was deleted for good.")
        many = self.tr("%n pictures were deleted for good.", "", emptied.removed)
        words = one if emptied.removed == 1 else many
        if emptied.left:
            one = self.tr("One could not be deleted and is still in the trash.")
            many = self.tr("%n could not be deleted and are still in the trash.", "", emptied.left)
            left = one if emptied.left == 1 else many
            message = Message(
                f"{words} {left}", Severity.WARNING, _MESSAGE, details=emptied.problem
            )
        else:
            message = Message(words, Severity.SUCCESS, _MESSAGE, timeout_s=_TIMEOUT_S)
        self._messages.show_message(message)
