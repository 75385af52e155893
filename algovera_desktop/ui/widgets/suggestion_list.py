"""What could be meant by the word that is being typed, in a list below its field."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QStringListModel, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QListView, QWidget

MAX_ROWS = 9
_MIN_WIDTH = 160


class SuggestionList(QListView):
    """Lies over the window and never takes the keyboard, so that no typing is lost to it: the
    field hands it the keys that are meant for it.

    Signals:
        chosen: the row that was clicked.
    """

    chosen = Signal(int)

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self._field = field
        self._texts = QStringListModel(self)
        self.setProperty("look", "suggestions")
        self.setModel(self._texts)
        self.setAccessibleName(self.tr("Suggestions"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.hide()
        self.clicked.connect(self._on_clicked)

    def show_texts(self, texts: Sequence[str]) -> None:
        """Show these below the field, none of them chosen; hide if there are none."""
        if not texts:
            self.hide()
            return
        if self.parentWidget() is not self._field.window():
            self.setParent(self._field.window())
        self._texts.setStringList(list(texts))
        self.setCurrentIndex(QModelIndex())
        self._place()
        self.show()
        self.raise_()

    @property
    def current_row(self) -> int | None:
        """The row that the keyboard stands on."""
        index = self.currentIndex()
        return index.row() if self.isVisible() and index.isValid() else None

    def step(self, by: int) -> None:
        """Go down by 1 or up by -1, round the ends."""
        count = self._texts.rowCount()
        now = self.currentIndex().row() if self.currentIndex().isValid() else (-1 if by > 0 else 0)
        index = self._texts.index((now + by) % count)
        self.setCurrentIndex(index)
        # The keyboard is in the field, so nobody else tells which one this is.
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._field, index.data()))

    def _place(self) -> None:
        window = self._field.window()
        below = self._field.mapTo(window, QPoint(0, self._field.height() + 2))
        rows = min(self._texts.rowCount(), MAX_ROWS)
        height = rows * self.sizeHintForRow(0) + 2 * self.frameWidth() + 2
        width = max(self._field.width(), _MIN_WIDTH)
        self.setGeometry(below.x(), below.y(), width, min(height, window.height() - below.y()))

    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())
