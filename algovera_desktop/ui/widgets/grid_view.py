"""A list view of equal cells whose geometry is computed, not laid out.

QListView keeps a place for each item and makes all of them anew at each insertion, resize
and, without IconMode, at each change of an item's data: 12 ms at 10 000 items, over 100 ms at
100 000. Here nothing grows with the number of items.

It is a QListView all the same, because Qt shows a screen reader the items of a view only when it
is one of the views that Qt knows; any other is a frame without content. So what QListView lays
out, or looks up in what was laid out, is replaced; where the general behaviour is wanted,
QAbstractItemView's method is called by its name, past QListView's.
"""

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QCursor,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem, QWidget

Index = QModelIndex | QPersistentModelIndex


class GridView(QListView):
    """Shows a list's rows in cells, left to right and down. The columns share the width.

    A click, and a range with Shift, select in the order of the rows; a rectangle drawn from
    between the cells selects what it touches.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = 1
        self._gap = 0
        self._columns = 1
        self._is_list = False
        self._cell = QSize(1, 1)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def set_cell(self, side: int, gap: int) -> None:
        """Make cells at least ``side`` wide and exactly as high, ``gap`` of it around items."""
        self._side, self._gap = side, gap
        self._spread_columns()

    def set_rows(self, height: int) -> None:
        """Make one column of cells exactly ``height`` high and as wide as the view, with nothing
        between them."""
        self._side, self._gap, self._is_list = height, 0, True
        self._spread_columns()

    @property
    def cell(self) -> QSize:
        return self._cell

    @property
    def row_count(self) -> int:
        return self.model().rowCount() if self.model() else 0

    def visible_rows(self) -> range:
        """The rows of which something can be seen."""
        top, height = self.verticalOffset(), self._cell.height()
        first = top // height * self._columns
        last = ((top + self.viewport().height() - 1) // height + 1) * self._columns
        return range(min(first, self.row_count), min(last, self.row_count))

    def cell_rect(self, row: int) -> QRect:
        """Where a row's cell is in the viewport, seen or not."""
        line, column = divmod(row, self._columns)
        width, height = self._cell.width(), self._cell.height()
        return QRect(column * width, line * height - self.verticalOffset(), width, height)

    # What QAbstractItemView asks

    def visualRect(self, index: Index) -> QRect:
        return self.cell_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._row_near(point)
        half = self._gap // 2
        if not 0 <= row < self.row_count or point.x() >= self._columns * self._cell.width():
            return QModelIndex()
        inner = self.cell_rect(row).adjusted(half, half, -half, -half)
        return self.model().index(row, 0) if inner.contains(point) else QModelIndex()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        self.executeDelayedItemsLayout()
        rect, seen, bar = self.visualRect(index), self.viewport().rect(), self.verticalScrollBar()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - seen.center().y())
        elif hint == QAbstractItemView.ScrollHint.PositionAtTop or rect.top() < 0:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() > seen.bottom():
            bar.setValue(bar.value() + min(rect.bottom() - seen.bottom(), rect.top()))

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        if not self.row_count:
            return QModelIndex()
        current = self.currentIndex().row()
        last = self.row_count - 1
        if current < 0:
            return self.model().index(0, 0)
        lines = max(self.viewport().height() // self._cell.height(), 1)
        moves = QAbstractItemView.CursorAction
        row = {
            moves.MoveHome: 0,
            moves.MoveEnd: last,
            moves.MoveLeft: current - 1,
            moves.MovePrevious: current - 1,
            moves.MoveRight: current + 1,
            moves.MoveNext: current + 1,
            moves.MoveUp: self._above(current, 1),
            moves.MovePageUp: self._above(current, lines),
            moves.MoveDown: self._below(current, 1),
            moves.MovePageDown: self._below(current, lines),
        }[action]
        return self.model().index(min(max(row, 0), last), 0)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        selection = QItemSelection()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            for first, last in self._lines_touched(rect.normalized()):
                self._add_rows(selection, first, last)
        else:
            ends = sorted((self._row_near(rect.topLeft()), self._row_near(rect.bottomRight())))
            self._add_rows(selection, *ends)
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        for row in self.visible_rows():
            if selection.contains(self.model().index(row, 0)):
                region += self.cell_rect(row)
        return region

    def updateGeometries(self) -> None:
        QAbstractItemView.updateGeometries(self)
        lines = -(-self.row_count // self._columns)
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setSingleStep(self._cell.height() // 2)
        bar.setPageStep(height)
        bar.setRange(0, max(lines * self._cell.height() - height, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        QAbstractItemView.resizeEvent(self, event)
        self._spread_columns()

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        QAbstractItemView.dataChanged(self, first, last, roles)
        if first == last:
            self._tell(QAccessible.Event.NameChanged, first.row())

    def selectAll(self) -> None:
        selection = QItemSelection()
        self._add_rows(selection, 0, self.row_count - 1)
        command = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(selection, command)

    def currentChanged(self, current: Index, previous: Index) -> None:
        QAbstractItemView.currentChanged(self, current, previous)
        self._tell_focus()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        QAbstractItemView.selectionChanged(self, selected, deselected)
        self._tell_selection(selected, QAccessible.Event.SelectionAdd)
        self._tell_selection(deselected, QAccessible.Event.SelectionRemove)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._tell_focus()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        base = option.state & ~(_SELECTED | _FOCUS | _OVER)
        hovered = self._hovered_row()
        current = self.currentIndex().row() if self.hasFocus() else -1
        for row in self.visible_rows():
            rect = self.cell_rect(row)
            if not rect.intersects(event.rect()):
                continue
            index = self.model().index(row, 0)
            state = base | (_SELECTED if self.selectionModel().isSelected(index) else _NONE)
            state |= _FOCUS if row == current else _NONE
            option.state = state | (_OVER if row == hovered else _NONE)
            option.rect = rect
            self.itemDelegate().paint(painter, option, index)
        painter.end()

    # What a screen reader hears; the items that it asks for itself come from QListView

    def _tell_focus(self) -> None:
        if self.hasFocus() and self.currentIndex().isValid():
            self._tell(QAccessible.Event.Focus, self.currentIndex().row())

    def _tell_selection(self, items: QItemSelection, kind: QAccessible.Event) -> None:
        """Tell of the one item that is selected now, or no more; of several only that it is so."""
        if items.count() == 1 and items.at(0).height() == 1:
            self._tell(kind, items.at(0).top())
        elif items.count():
            self._tell(QAccessible.Event.SelectionWithin)

    def _tell(self, kind: QAccessible.Event, row: int = -1) -> None:
        if QAccessible.isActive():
            event = QAccessibleEvent(self, kind)
            event.setChild(row)
            QAccessible.updateAccessibility(event)

    # Geometry

    def _spread_columns(self) -> None:
        """What is seen first stays so, though it may come into another line."""
        line, rest = divmod(self.verticalOffset(), self._cell.height())
        first, height = line * self._columns, self._cell.height()
        width = max(self.viewport().width(), self._side)
        self._columns = 1 if self._is_list else width // self._side
        self._cell = QSize(width // self._columns, self._side)
        self.updateGeometries()
        top = first // self._columns * self._side + rest * self._side // height
        self.verticalScrollBar().setValue(top)
        self.viewport().update()

    def _row_near(self, point: QPoint) -> int:
        """The row whose cell has, or would have, a point in it."""
        column = min(max(point.x() // self._cell.width(), 0), self._columns - 1)
        line = (point.y() + self.verticalOffset()) // self._cell.height()
        return line * self._columns + column

    def _above(self, row: int, lines: int) -> int:
        return max(row - min(lines, row // self._columns) * self._columns, 0)

    def _below(self, row: int, lines: int) -> int:
        """Further down in the column; the last row where the last line ends before it."""
        last = self.row_count - 1
        left = last // self._columns - row // self._columns
        return min(row + min(lines, left) * self._columns, last)

    def _lines_touched(self, rect: QRect) -> list[tuple[int, int]]:
        """The first and last row in each line of cells that a rectangle touches."""
        first, last = self._row_near(rect.topLeft()), self._row_near(rect.bottomRight())
        width = last % self._columns - first % self._columns
        starts = range(first, last - width + 1, self._columns)
        return [(start, start + width) for start in starts]

    def _add_rows(self, selection: QItemSelection, first: int, last: int) -> None:
        first, last = max(first, 0), min(last, self.row_count - 1)
        if first <= last:
            model = self.model()
            selection.select(model.index(first, 0), model.index(last, 0))

    def _hovered_row(self) -> int:
        if not self.viewport().underMouse():
            return -1
        return self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())).row()


_NONE = QStyle.StateFlag.State_None
_SELECTED = QStyle.StateFlag.State_Selected
_FOCUS = QStyle.StateFlag.State_HasFocus
_OVER = QStyle.StateFlag.State_MouseOver
