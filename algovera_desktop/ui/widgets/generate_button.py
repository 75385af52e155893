"""The one button that matters."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from algovera_desktop.ui.theme import SPACE_2, SPACE_3


class GenerateButton(QPushButton):
    """Says what it does in the middle and its keys at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_word(self.tr("Generate"))
        self.setProperty("look", "primary")
        self._keys = QLabel(self)
        self._keys.setProperty("tone", "on_accent")
        self._keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, SPACE_3, 0)
        row.addStretch(1)
        row.addWidget(self._keys)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # The word stands in the middle; its keys only where they leave it in peace.
        super().resizeEvent(event)
        word = self.fontMetrics().horizontalAdvance(self.text())
        keys = self._keys.sizeHint().width() + SPACE_3
        self._keys.setVisible(self.width() >= word + 2 * (keys + SPACE_2))

    def set_word(self, word: str) -> None:
        """Say what pressing it does."""
        self.setText(word)
        self.setAccessibleName(word)

    def set_shortcut(self, keys: QKeySequence) -> None:
        """Show a shortcut that works elsewhere, on the action."""
        native = keys.toString(QKeySequence.SequenceFormat.NativeText)
        self._keys.setText(native.replace("Return", "↵"))
        self.setAccessibleDescription(native)
        self.setToolTip(native)
