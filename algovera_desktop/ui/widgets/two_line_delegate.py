"""Paints rows of two lines: what it is, and quieter how it is."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from algovera_desktop.ui.theme import SPACE_1, SPACE_2

_ELLIPSIS = Qt.TextElideMode.ElideRight
_MUTED = QPalette.ColorRole.PlaceholderText
"""The theme's quiet text, which is readable on a chosen row too."""


class TwoLineDelegate(QStyledItemDelegate):
    """The display text's two lines, each shortened to the row's width."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(0, 2 * QFontMetrics(option.font).lineSpacing() + 2 * SPACE_2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        title, _, state = str(index.data()).partition("\n")
        row.text = ""
        style = row.widget.style() if row.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, row, painter, row.widget)
        # Not the row's: a style sheet fades the quiet colour of a view's own palette.
        metrics, palette = QFontMetrics(row.font), QApplication.palette()
        room = row.rect.adjusted(SPACE_2 + SPACE_1, SPACE_2, -SPACE_2 - SPACE_1, -SPACE_2)
        line = QRect(room.topLeft(), QSize(room.width(), metrics.lineSpacing()))
        painter.save()
        painter.setFont(row.font)
        for text, role in ((title, QPalette.ColorRole.Text), (state, _MUTED)):
            painter.setPen(palette.color(role))
            shown = metrics.elidedText(text, _ELLIPSIS, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            line.translate(0, line.height())
        painter.restore()
