"""What is done with pictures that are kept: copy, save elsewhere, show, trash and bring back."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, QUrl, Signal
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from algovera_desktop.domain.errors import AlgoveraError, LibraryError
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.durable import os_errors_translated, write_durably
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.ui.history import History
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.picture_reader import PictureUnreadableError, read_picture
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.trash_deed import RestoreDeed, TrashDeed


class PictureActions(QObject):
    """Carries out what was asked of pictures, off the UI thread where it can take time.

    Signals:
        leaving: the ids of pictures that are about to be in the trash, a tuple of ints.
        staying: the ids of those that after all could not be put there, a tuple of ints.
        trashed: the ids of pictures that are in the trash now, a tuple of ints.
        restored: the ids of pictures that are back from it, a tuple of ints.
        copied: the ImageRecord whose picture is on the clipboard.
        saved: the Path that a picture was copied to.
        failed: the AlgoveraError that something ended with.
    """

    leaving = Signal(object)
    staying = Signal(object)
    trashed = Signal(object)
    restored = Signal(object)
    copied = Signal(object)
    saved = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        library: Library,
        files: PictureFiles,
        tasks: Tasks,
        history: History,
        window: QWidget | None = None,
        *,
        bus: QDBusConnection | None = None,
    ) -> None:
        super().__init__(window)
        self._bus = bus
        self._library = library
        self._files = files
        self._tasks = tasks
        self._history = history
        self._window = window
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        self.export_folder = Path(QStandardPaths.writableLocation(pictures))

    def serve(self, commands: PictureCommands) -> None:
        """Do what these commands ask, all but what concerns the form and the queue."""
        commands.copy_requested.connect(self.copy_picture)
        commands.copy_prompt_requested.connect(self.copy_prompt)
        commands.save_as_requested.connect(self.ask_where_to_save)
        commands.show_in_folder_requested.connect(self.show_in_folder)
        commands.trash_requested.connect(self.trash)
        commands.restore_requested.connect(self.restore)

    def copy_picture(self, record: ImageRecord) -> None:
        """Put a picture on the clipboard: its pixels for paint programs, its file for folders."""
        path = self._files.absolute(record.path)
        work = partial(_read_for_clipboard, path, record.media_type)
        self._start(work, partial(self._on_picture_read, record, path))

    def copy_prompt(self, record: ImageRecord) -> None:
        QGuiApplication.clipboard().setText(record.request.prompt)

    def ask_where_to_save(self, record: ImageRecord) -> QFileDialog:
        """Open the dialog, which asks by itself before it replaces a file."""
        source = self._files.absolute(record.path)
        dialog = QFileDialog(self._window, self.tr("Save a copy of the picture"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDirectory(str(self.export_folder))
        dialog.setMimeTypeFilters([record.media_type])
        dialog.setDefaultSuffix(source.suffix.removeprefix("."))
        dialog.selectFile(source.name)
        dialog.fileSelected.connect(partial(self._on_dialog_file_selected, record))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save_as(self, record: ImageRecord, target: Path) -> None:
        """Copy a picture's file, byte for byte, in the place of what is at ``target``."""
        source = self._files.absolute(record.path)
        self._start(partial(_copy_file, source, target), self.saved.emit)

    def show_in_folder(self, record: ImageRecord) -> None:
        """Open the file manager with the picture selected, or at least its folder."""
        path = self._files.absolute(record.path)
        command = show_in_folder_command(path)
        if command:
            self._launch(command)
        else:
            self._show_over_dbus(path)

    def trash(self, ids: Sequence[int]) -> None:
        """Put pictures in the trash of this program. Can be undone."""
        told, untold = self.trashed.emit, self.restored.emit
        leaving, staying = self.leaving.emit, self.staying.emit
        deed = TrashDeed(self._library, ids, told, untold, leaving=leaving, staying=staying)
        self._history.do(deed)

    def restore(self, ids: Sequence[int]) -> None:
        """Bring pictures back from the trash. Can be undone."""
        self._history.do(RestoreDeed(self._library, ids, self.restored.emit, self.trashed.emit))

    def _start(self, work: Callable[[TaskContext], Any], then: Callable[[Any], object]) -> None:
        task = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY)
        task.succeeded.connect(then)
        task.failed.connect(self._on_task_failed)

    def _on_task_failed(self, error: Exception) -> None:
        # Any other exception is a bug of ours, which Tasks tells.
        if isinstance(error, AlgoveraError):
            self.failed.emit(error)

    def _on_picture_read(self, record: ImageRecord, path: Path, image: QImage) -> None:
        data = QMimeData()
        data.setImageData(image)
        data.setUrls([QUrl.fromLocalFile(path)])
        QGuiApplication.clipboard().setMimeData(data)
        self.copied.emit(record)

    def _on_dialog_file_selected(self, record: ImageRecord, name: str) -> None:
        target = Path(name)
        self.export_folder = target.parent
        self.save_as(record, target)

    def _launch(self, command: list[str] | str) -> None:
        def work(_context: TaskContext) -> None:
            with os_errors_translated("cannot open the file manager"):
                subprocess.run(command, check=False, stdin=subprocess.DEVNULL)

        self._start(work, lambda _result: None)

    def _show_over_dbus(self, path: Path) -> None:
        bus = self._bus or QDBusConnection.sessionBus()
        if not bus.isConnected():
            self._open_folder(path)
            return
        call = QDBusMessage.createMethodCall(
            "org.freedesktop.FileManager1",
            "/org/freedesktop/FileManager1",
            "org.freedesktop.FileManager1",
            "ShowItems",
        )
        call.setArguments([[QUrl.fromLocalFile(path).toString()], ""])
        watcher = QDBusPendingCallWatcher(bus.asyncCall(call), self)
        watcher.finished.connect(partial(self._on_dbus_finished, path, watcher))

    def _on_dbus_finished(self, path: Path, watcher: QDBusPendingCallWatcher) -> None:
        if watcher.isError():
            self._open_folder(path)
        watcher.deleteLater()

    def _open_folder(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path.parent))


_PRIORITY = 30
"""Before thumbnails and pages: somebody waits for this."""


def show_in_folder_command(path: Path, platform: str = sys.platform) -> list[str] | str:
    """What opens the file manager with a file selected; empty where that is asked over D-Bus.

    Windows' takes a comma for the end of a name that is not quoted, and Python quotes blanks only.
    """
    if platform == "win32":
        return f'explorer /select,"{path}"'
    return ["open", "-R", str(path)] if platform == "darwin" else []


def _read_for_clipboard(path: Path, media_type: str, _context: TaskContext) -> QImage:
    try:
        return read_picture(path, media_type)
    except PictureUnreadableError as error:
        raise LibraryError(f"{path.name}: the file is {error.problem.value}") from error


def _copy_file(source: Path, target: Path, _context: TaskContext) -> Path:
    with os_errors_translated(f"cannot save {target.name}"):
        data = source.read_bytes()
        write_durably(target, data, part=target.with_name(f".{target.name}.part"))
    return target
