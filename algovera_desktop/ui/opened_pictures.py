"""Pictures that were opened with the program or dropped on its window: what they say of themselves.

Nothing of it comes into the library unless the user says so.
"""

import stat
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.errors import AlgoveraError, LibraryError
from algovera_desktop.library.durable import os_errors_translated
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.picture_file import read_picture_file
from algovera_desktop.library.store import Library
from algovera_desktop.ui.dialogs.dropped_picture_dialog import (
    PREVIEW_SIDE,
    DroppedPicture,
    DroppedPictureDialog,
)
from algovera_desktop.ui.import_drop import ImportDrop
from algovera_desktop.ui.picture_reader import PictureUnreadableError, read_picture
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks

_PRIORITY = 30
"""Before thumbnails and pages: somebody waits for this."""

_MOST_DIALOGS = 4
"""Who opens more than that at once would have to close as many windows."""

_SHARPEST_RATIO = 3


class OpenedPictures(QObject):
    """Shows a few pictures one by one, with their settings; many, and folders, are to be imported.

    Signals:
        settings_requested: the GenerationRequest of a picture, for the form.
        import_requested: the Paths that the user may want in the library.
        show_requested: the ImageRecord of a picture that the library has.
        refused: words about a file that cannot be shown.
    """

    settings_requested = Signal(object)
    import_requested = Signal(object)
    show_requested = Signal(object)
    refused = Signal(str)

    def __init__(self, library: Library, tasks: Tasks, window: QWidget) -> None:
        super().__init__(window)
        self._library = library
        self._tasks = tasks
        self._window = window
        self._drop = ImportDrop(self)
        self._drop.dropped.connect(self.take)

    def watch(self, window: QWidget) -> None:
        """Take what is dropped on this window."""
        self._drop.watch(window)

    def take(self, files: Sequence[Path]) -> None:
        """Show what was opened or dropped. It may be anything, or gone."""
        if len(files) > _MOST_DIALOGS:
            self.import_requested.emit(list(files))
            return
        for file in files:
            task = self._tasks.start(Pool.STORAGE, partial(self._look, file), priority=_PRIORITY)
            task.succeeded.connect(partial(self._on_looked, file))
            task.failed.connect(partial(self._on_look_failed, file))

    def _look(self, path: Path, _context: TaskContext) -> DroppedPicture | None:
        """On a worker: what a file is; None for a folder."""
        with os_errors_translated(path.name):
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                return None
            if not stat.S_ISREG(mode):
                # Nobody may ever write into a pipe, and this would wait for it.
                raise _NoPictureError(path.name)
            try:
                image = read_picture_file(path).image
                preview = read_picture(path, image.media_type, PREVIEW_SIDE * _SHARPEST_RATIO)
            except (MetadataError, PictureUnreadableError) as error:
                # Only its name: the reasons are for people who write such files.
                raise _NoPictureError(path.name) from error
        return DroppedPicture(path, image, preview, self._library.for_file(image.sha256))

    def _on_looked(self, file: Path, picture: DroppedPicture | None) -> None:
        if picture is None:
            self.import_requested.emit([file])
            return
        dialog = DroppedPictureDialog(picture, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.settings_requested.connect(self.settings_requested)
        dialog.import_requested.connect(self._on_dialog_import_requested)
        dialog.show_requested.connect(self.show_requested)
        dialog.show()

    def _on_look_failed(self, file: Path, error: Exception) -> None:
        # Any other exception is a bug of ours, which Tasks tells.
        if not isinstance(error, AlgoveraError):
            return
        if isinstance(error, _NoPictureError):
            words = self.tr("“{name}” is no picture that this program can read.")
        elif isinstance(error.__cause__, FileNotFoundError):
            words = self.tr("“{name}” is not there any more.")
        else:
            words = self.tr("“{name}” could not be opened.")
        self.refused.emit(words.replace("{name}", file.name))

    def _on_dialog_import_requested(self, path: Path) -> None:
        self.import_requested.emit([path])


class _NoPictureError(LibraryError):
    """The file can be read, but holds no picture."""
