"""Files that are dropped on the window from outside."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class ImportDrop(QObject):
    """Watches a window, once ``watch`` has been called. What is dragged from the program itself
    is none of its business.

    Signals:
        dropped: the files and folders, a list of Paths.
    """

    dropped = Signal(object)

    def watch(self, window: QWidget) -> None:
        """Take what is dropped on this window."""
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragMoveEvent | QDropEvent) and _is_from_outside(event):
            event.acceptProposedAction()
            if event.type() == QEvent.Type.Drop:
                self.dropped.emit(_files(event.mimeData()))
            return True
        return super().eventFilter(watched, event)


def _is_from_outside(event: QDropEvent) -> bool:
    return event.source() is None and bool(_files(event.mimeData()))


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
