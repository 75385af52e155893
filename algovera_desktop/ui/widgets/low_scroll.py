"""Keeps a text of any length from pushing away what stands below it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QWidget


class LowScroll(QScrollArea):
    """As high as its label needs at this width, up to ``most_lines``; more is scrolled to."""

    def __init__(self, label: QLabel, most_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = label
        self._most_lines = most_lines
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setWidget(label)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The label has the keyboard, for what is in it can be selected.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def setText(self, text: str) -> None:
        """Show a text from its beginning."""
        if text != self._label.text():
            self._label.setText(text)
            self.verticalScrollBar().setValue(0)
            self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        most = self._most_lines * self._label.fontMetrics().lineSpacing()
        return min(self._label.heightForWidth(width), most)

    def sizeHint(self) -> QSize:
        return QSize(0, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._label.fontMetrics().lineSpacing())
