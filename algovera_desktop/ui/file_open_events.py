"""Files that macOS opens with the program: they come as events, not as arguments."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent


class FileOpenEvents(QObject):
    """Hears of them once it is installed on the application. On macOS only: each event of the
    program passes through here.

    Signals:
        opened: the Paths, a tuple.
    """

    opened = Signal(object)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            # An address of the web has no file.
            if event.file():
                self.opened.emit((Path(event.file()),))
            return True
        return super().eventFilter(watched, event)
