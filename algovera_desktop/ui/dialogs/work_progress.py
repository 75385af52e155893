"""How far something is that takes a while, with a button that stops it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from algovera_desktop.ui.theme import SPACE_2, SPACE_3


class WorkProgress(QWidget):
    """A bar, words and Cancel.

    Signals:
        cancelled: the user wants it to stop.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = QLabel(self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        row = QHBoxLayout()
        row.setSpacing(SPACE_3)
        row.addWidget(self._bar, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self._words)
        column.addLayout(row)

    @property
    def words(self) -> str:
        return self._words.text()

    def begin(self, words: str) -> None:
        """Nothing is known yet but that it has begun."""
        self._words.setText(words)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(words)
        self.cancel.setEnabled(True)

    def show_done(self, done: int, total: int | None, words: str) -> None:
        """``done`` of ``total``, which is None while nobody knows."""
        self._words.setText(words)
        self._bar.setRange(0, total or 0)
        self._bar.setValue(done if total else 0)

    def _on_cancel_clicked(self) -> None:
        self.cancel.setEnabled(False)
        self._words.setText(self.tr("Stopping…"))
        self.cancelled.emit()
