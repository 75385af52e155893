"""Stands in the pictures' place while a library of an earlier version is brought up to date."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from algovera_desktop.ui.theme import SPACE_3, SPACE_6, heading_font

_WIDTH_CHARS = 72


class UpgradeView(QWidget):
    """What is being done, how far it is, and that nobody has to wait for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = self._label("")
        self._title.setFont(heading_font(self.font()))
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Bringing your library up to date"))
        hint = self._label(
            self.tr(
                "An earlier version made it. You can close the window: at the next start it "
                "begins again. Until it is done your library stays as it is, and then it is kept "
                "beside the new one."
            )
        )
        hint.setProperty("tone", "muted")
        box = QWidget(self)
        box.setMaximumWidth(self.fontMetrics().averageCharWidth() * _WIDTH_CHARS)
        column = QVBoxLayout(box)
        column.setSpacing(SPACE_3)
        column.addStretch(1)
        for part in (self._title, self._bar, hint):
            column.addWidget(part)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_6, SPACE_6, SPACE_6, SPACE_6)
        row.addWidget(box)
        self.show_part(0.0)

    def show_part(self, part: float) -> None:
        """``part`` of it, from 0 to 1, is done."""
        percent = int(part * self._bar.maximum())
        self._bar.setValue(percent)
        words = self.tr("Bringing your library up to date… {percent}\u00a0%")
        self._title.setText(words.replace("{percent}", str(percent)))

    def _label(self, words: str) -> QLabel:
        label = QLabel(words, self)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        return label
