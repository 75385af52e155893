"""Opens the queue at the bottom of the window, and gives the keyboard back when it closes."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from algovera_desktop.ui.widgets.queue_panel import QueuePanel

_MOST_OF_WINDOW = 0.6
"""Opened in a smaller window than it was last sized in, the queue leaves the form some room."""


class QueueDrawer(QObject):
    """Puts a panel below what a splitter holds, closed. ``height`` is in pixels."""

    def __init__(
        self, splitter: QSplitter, panel: QueuePanel, height: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._splitter = splitter
        self._panel = panel
        self._height = height
        self._had_focus: QWidget | None = None
        panel.hide()
        splitter.addWidget(panel)
        splitter.setStretchFactor(0, 1)

    @property
    def height(self) -> int:
        """How high the panel is, or was when it was closed."""
        return self._panel.height() if self._panel.isVisible() else self._height

    def set_open(self, is_open: bool) -> None:
        if is_open:
            self._had_focus = QApplication.focusWidget()
            self._panel.show()
            room = self._splitter.height()
            height = min(self._height, round(room * _MOST_OF_WINDOW))
            self._splitter.setSizes([room - height, height])
            self._panel.take_focus()
        else:
            self._height = self.height
            had_focus = self._panel.isAncestorOf(QApplication.focusWidget() or self._splitter)
            self._panel.hide()
            if had_focus and self._had_focus is not None:
                self._had_focus.setFocus()
            self._had_focus = None
