"""Giving a missing picture the file that the user knows of: what "Locate…" does."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.file_records import Seen
from algovera_desktop.services.reconcile import Located, Reconciler
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity

_MESSAGE = "locating"
_PRIORITY = 30
_TIMEOUT_S = 8.0


class Locating(QObject):
    """Asks for the file, and says what came of it. Another picture's file is never taken, and one
    that is not the same picture only when the user says so.

    Signals:
        located: the ids of pictures that have a file again, a tuple of ints.
        failed: the exception that it ended with.
    """

    located = Signal(object)
    failed = Signal(object)

    def __init__(
        self, reconciler: Reconciler, tasks: Tasks, messages: MessageBar, window: QWidget
    ) -> None:
        super().__init__(window)
        self._reconciler = reconciler
        self._tasks = tasks
        self._messages = messages
        self._window = window

    def serve(self, commands: PictureCommands) -> None:
        """Do what is asked by the command "Locate…"."""
        commands.locate_requested.connect(self.ask)

    def ask(self, record: ImageRecord) -> QFileDialog:
        """Open the dialog for the file of a missing picture."""
        dialog = QFileDialog(self._window, self.tr("Where is the picture?"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setMimeTypeFilters([record.media_type, "application/octet-stream"])
        dialog.selectFile(Path(record.path).name)
        dialog.fileSelected.connect(partial(self._on_dialog_file_selected, record))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def locate(self, record: ImageRecord, file: Path, *, accept_other: bool = False) -> None:
        """Give a picture this file; ``accept_other`` even if it shows something else."""

        def work(context: TaskContext) -> Located:
            return self._reconciler.locate(
                record.id, file, context.token, accept_other=accept_other
            )

        then = partial(self._on_located, record, file, is_accepted=accept_other)
        self._start(work, then)

    def accept(self, others: tuple[Seen, ...]) -> None:
        """Give other missing pictures the files that were found beside the first one."""

        def work(_context: TaskContext) -> None:
            self._reconciler.accept(others)

        self._start(work, partial(self._on_accepted, others))

    def _start(self, work: Callable[[TaskContext], Any], then: Callable[[Any], None]) -> None:
        task = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY)
        task.succeeded.connect(then)
        task.failed.connect(self.failed)

    def _on_dialog_file_selected(self, record: ImageRecord, name: str) -> None:
        self.locate(record, Path(name))

    def _on_located(
        self, record: ImageRecord, file: Path, found: Located, *, is_accepted: bool
    ) -> None:
        if found.taken_by is not None:
            words = self.tr("This file belongs to another picture of the library already.")
            self._say(words, Severity.WARNING)
        elif not found.is_same and not is_accepted:
            again = partial(self.locate, record, file, accept_other=True)
            words = self.tr("This file is not the picture that was lost, or was changed since.")
            self._say(words, Severity.WARNING, (self.tr("Use it anyway"), again))
        else:
            self.located.emit((record.id,))
            self._say_found(found.others)

    def _say_found(self, others: tuple[Seen, ...]) -> None:
        words = self.tr("The picture has its file again.")
        if not others:
            self._say(words, Severity.SUCCESS)
            return
        one = self.tr("Another missing picture lies there too.")
        many = self.tr("%n other missing pictures lie there too.", "", len(others))
        more = one if len(others) == 1 else many
        take = self.tr("Take it over") if len(others) == 1 else self.tr("Take them over")
        self._say(f"{words} {more}", Severity.INFO, (take, partial(self.accept, others)))

    def _on_accepted(self, others: tuple[Seen, ...], _result: None) -> None:
        self.located.emit(tuple(one.id for one in others))
        one = self.tr("The picture has its file again.")
        many = self.tr("%n pictures have their files again.", "", len(others))
        self._say(one if len(others) == 1 else many, Severity.SUCCESS)

    def _say(
        self, words: str, severity: Severity, *actions: tuple[str, Callable[[], None]]
    ) -> None:
        timeout_s = _TIMEOUT_S if severity is Severity.SUCCESS else None
        self._messages.show_message(Message(words, severity, _MESSAGE, actions, "", timeout_s))
