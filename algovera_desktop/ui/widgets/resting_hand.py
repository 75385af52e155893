"""Waits until nobody aims at anything."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QApplication

_LOOK_EVERY_MS = 250
_LOOKS = 4


class RestingHand(QObject):
    """Looks at the pointer only while it is waited for.

    Signals:
        rested: for a second the pointer has not moved, and no button nor menu was held open.
    """

    rested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = QCursor.pos()
        self._rests = 0
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def wait(self) -> None:
        """Have ``rested`` told once; nothing changes if that is waited for already."""
        if not self._timer.isActive():
            self._rests = 0
            self._timer.start()

    def _on_timer_timeout(self) -> None:
        now = QCursor.pos()
        is_choosing = QGuiApplication.mouseButtons() or QApplication.activePopupWidget()
        is_still = now == self._last and not is_choosing
        self._last, self._rests = now, self._rests + 1 if is_still else 0
        if self._rests >= _LOOKS:
            self._timer.stop()
            self.rested.emit()
