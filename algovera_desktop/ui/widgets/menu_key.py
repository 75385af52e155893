"""Shift+F10 opens the context menu, as everywhere on Windows and in GTK."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QShortcut
from PySide6.QtWidgets import QApplication, QWidget


class MenuKey(QShortcut):
    """On X11 and Wayland Qt knows the Menu key alone, which most keyboards of notebooks lack."""

    def __init__(self, window: QWidget) -> None:
        super().__init__("Shift+F10", window)
        self.activated.connect(self._on_activated)

    def _on_activated(self) -> None:
        widget = QApplication.focusWidget()
        if widget is None:
            return
        cursor = widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
        at = cursor.center() if cursor else widget.rect().center()
        reason = QContextMenuEvent.Reason.Keyboard
        event = QContextMenuEvent(
            reason, at, widget.mapToGlobal(at), Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(widget, event)
