"""In what the compared pictures differ, as a table of labels."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.models.differences import Difference, Word, differences
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from algovera_desktop.ui.widgets.differing_words import DifferingWords

_NOT_EQUAL = "≠"


class DifferenceTable(QScrollArea):
    """A row for each parameter that is not the same everywhere, a column for each picture.

    Of each value a few lines are shown, so that the pictures keep their room.

    Signals:
        height_changed: the height in pixels with which all of it is seen; it takes no more.
    """

    height_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Differences"))

    def show_records(self, records: Sequence[ImageRecord], letters: Sequence[str]) -> None:
        """Compare these; ``letters`` are the names that the pictures go by."""
        differing, shared = differences(records)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(SPACE_3, SPACE_2, SPACE_3, SPACE_2)
        column.setSpacing(SPACE_2)
        if differing:
            column.addLayout(self._table(differing, letters))
        column.addWidget(self._shared_label(differing, shared))
        column.addStretch(1)
        self.setWidget(body)
        self._keep_low()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_low()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._keep_low()
        return super().eventFilter(watched, event)

    def _keep_low(self) -> None:
        """Take no more height than there is to show, and say how much that is."""
        body = self.widget()
        layout = body.layout() if body else None
        if layout is not None:
            whole = layout.totalHeightForWidth(self.viewport().width()) + 2 * self.frameWidth()
            if whole != self.maximumHeight():
                self.setMaximumHeight(whole)
                self.height_changed.emit(whole)

    def _table(self, differing: Sequence[Difference], letters: Sequence[str]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_4)
        grid.setVerticalSpacing(SPACE_1)
        for column, letter in enumerate(letters, 1):
            grid.addWidget(_label(f"<b>{escape(letter)}</b>"), 0, column)
            grid.setColumnStretch(column, 1)
        for row, one in enumerate(differing, 1):
            name = _label(f"{_NOT_EQUAL} {escape(one.name)}")
            name.setProperty("tone", "muted")
            name.setAccessibleName(self.tr("{name} differs").format(name=one.name))
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            for column, words in enumerate(one.values, 1):
                value = DifferingWords(words, self.tr("none"))
                value.setAccessibleName(f"{letters[column - 1]}, {one.name}: {_plain(words)}")
                grid.addWidget(value, row, column, Qt.AlignmentFlag.AlignTop)
        return grid

    def _shared_label(self, differing: Sequence[Difference], shared: Sequence[str]) -> QLabel:
        if not differing:
            words = self.tr("All parameters are the same.")
        else:
            words = self.tr("The same: {names}").format(names=", ".join(shared))
        label = _label(escape(words) if differing or shared else "")
        label.setProperty("tone", "muted")
        label.setVisible(bool(shared))
        return label


def _label(rich: str) -> QLabel:
    label = QLabel(rich)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _plain(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)
