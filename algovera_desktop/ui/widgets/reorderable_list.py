"""A queue's list in which rows of a line can be dragged to another place in it."""

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from algovera_desktop.ui.models.queue_model import QueueModel
from algovera_desktop.ui.models.queue_selection import drop_target, ids_of
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.widgets.grid_view import GridView

JOBS_MIME_TYPE = "application/x-algovera-jobs"
"""The ids of dragged jobs, one a line."""

_LABEL_WIDTH = 280


class ReorderableList(GridView):
    """Shows where dragged jobs would land, and says where they were dropped.

    Signals:
        rows_dropped: the ids of jobs of one line, in its order, and the id of the job that they
            shall stand before, None for the end of the line.
    """

    rows_dropped = Signal(object, object)

    def __init__(
        self, model: QueueModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes
        self._drop_row: int | None = None
        self._dragged: tuple[list[str], float] | None = None
        self.setModel(model)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)

    def selected_ids(self) -> list[str]:
        """The ids of the selected jobs, in the order of the list."""
        return ids_of(self._model, self.selectionModel().selection())

    def jobs_to_drag(self) -> QMimeData | None:
        """The selected jobs that stand in line where the cursor is; None if there are none."""
        row = self.currentIndex().row()
        line = set(self._model.job_ids_at(self._model.line_at(row))) if row >= 0 else set()
        ids = [job_id for job_id in self.selected_ids() if job_id in line]
        if not ids:
            return None
        data = QMimeData()
        data.setData(JOBS_MIME_TYPE, "\n".join(ids).encode())
        return data

    def startDrag(self, supported: Qt.DropAction) -> None:
        data = self.jobs_to_drag()
        if data is not None:
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.setPixmap(self._drag_label(_ids_in(data)))
            drag.setHotSpot(QPoint(-SPACE_3, -SPACE_3))
            drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._consider(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        # For it to scroll near the edges; what it thinks of the drop itself does not count.
        QAbstractItemView.dragMoveEvent(self, event)
        self._consider(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.stopAutoScroll()
        self._forget_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        self.stopAutoScroll()
        self._forget_drag()
        ids = _ids_in(event.mimeData())
        target = drop_target(self._model, ids, self._nearest_edge(event.position().y()))
        if target is not None:
            event.acceptProposedAction()
            self.rows_dropped.emit(ids, target[1])

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self._dragged is not None:
            self._show_target(*self._dragged)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop_row is not None:
            self._paint_drop_line(self._drop_row)

    def _consider(self, event: QDragMoveEvent) -> None:
        self._dragged = (_ids_in(event.mimeData()), event.position().y())
        if self._show_target(*self._dragged):
            event.acceptProposedAction()
        else:
            event.ignore()

    def _show_target(self, ids: list[str], y: float) -> bool:
        """Show where jobs would land that are held at a height; False if nowhere."""
        target = drop_target(self._model, ids, self._nearest_edge(y))
        self._drop_row = target[0] if target else None
        self.viewport().update()
        return target is not None

    def _forget_drag(self) -> None:
        self._dragged = self._drop_row = None
        self.viewport().update()

    def _nearest_edge(self, y: float) -> int:
        """The row whose upper edge is nearest to a height in the viewport."""
        edge = round((y + self.verticalOffset()) / self.cell.height())
        return min(max(edge, 0), self._model.rowCount())

    def _paint_drop_line(self, row: int) -> None:
        """A line between two rows, with a dot at its start that is seen beside a selection."""
        theme, y = self._themes.theme, max(self.cell_rect(row).top(), 3)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.setBrush(QColor(theme.surface))
        painter.drawLine(SPACE_3, y, self.viewport().width() - SPACE_3, y)
        painter.drawEllipse(QPoint(SPACE_3, y), 3, 3)
        painter.end()

    def _drag_label(self, ids: list[str]) -> QPixmap:
        """What follows the pointer: the one prompt, or how many pictures."""
        theme, scale = self._themes.theme, self.devicePixelRatioF()
        job = self._model.job(ids[0]) if len(ids) == 1 else None
        words = job.request.prompt if job else self.tr("%n pictures", "", len(ids))
        metrics, end = self.fontMetrics(), Qt.TextElideMode.ElideRight
        shown = metrics.elidedText(" ".join(words.split()), end, _LABEL_WIDTH)
        width = metrics.horizontalAdvance(shown) + 2 * SPACE_3
        height = metrics.lineSpacing() + 2 * SPACE_2
        pixmap = QPixmap(round(width * scale), round(height * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(QColor(theme.raised))
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.outline))
        painter.drawRect(QRect(0, 0, width - 1, height - 1))
        painter.setPen(QColor(theme.text))
        painter.drawText(QRect(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, shown)
        painter.end()
        return pixmap


def _ids_in(data: QMimeData) -> list[str]:
    text = bytes(data.data(JOBS_MIME_TYPE).data()).decode()
    return text.split("\n") if text else []
