"""A grid whose tiles can be put into another order by dragging."""

from PySide6.QtCore import QMimeData, QPoint, QRect, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from algovera_desktop.ui.models.side_drag import dragged_ids
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.grid_view import GridView

_LINE_WIDTH = 3


class ArrangeableGrid(GridView):
    """Takes pictures that are dragged within it, where ``is_arrangeable``, and shows between
    which tiles they would land.

    Signals:
        pictures_dropped: their ids, and the row before which they were let go.
    """

    pictures_dropped = Signal(object, int)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._drop_row: int | None = None
        self.is_arrangeable = False
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._consider(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        # For it to scroll near the edges; what it thinks of the drop itself does not count.
        QAbstractItemView.dragMoveEvent(self, event)
        self._consider(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.stopAutoScroll()
        self._show_drop(None)

    def dropEvent(self, event: QDropEvent) -> None:
        self.stopAutoScroll()
        self._show_drop(None)
        if self._takes(event):
            event.acceptProposedAction()
            row = self._row_before(event.position().toPoint())
            self.pictures_dropped.emit(dragged_ids(event.mimeData()), row)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop_row is not None:
            painter = QPainter(self.viewport())
            painter.fillRect(self._line(self._drop_row), QColor(self._themes.theme.accent))
            painter.end()

    def _takes(self, event: QDropEvent) -> bool:
        data: QMimeData = event.mimeData()
        return self.is_arrangeable and event.source() is self and bool(dragged_ids(data))

    def _consider(self, event: QDragMoveEvent) -> None:
        if self._takes(event):
            self._show_drop(self._row_before(event.position().toPoint()))
            event.acceptProposedAction()
        else:
            self._show_drop(None)
            event.ignore()

    def _show_drop(self, row: int | None) -> None:
        if row != self._drop_row:
            self._drop_row = row
            self.viewport().update()

    def _row_before(self, point: QPoint) -> int:
        """The row whose left edge is nearest to a point, in the point's line."""
        row = self._row_near(point)
        is_behind = point.x() > self.cell_rect(row).center().x()
        return min(row + is_behind, self.row_count)

    def _line(self, row: int) -> QRect:
        """Where the mark is for what would land before a row."""
        is_end = row == self.row_count and row > 0
        cell = self.cell_rect(row - 1 if is_end else row)
        left = cell.right() - _LINE_WIDTH if is_end else cell.left()
        return QRect(max(left - _LINE_WIDTH // 2, 0), cell.top(), _LINE_WIDTH, cell.height())
