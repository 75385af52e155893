"""How a row of the side list looks: its name, and how many pictures it has."""

from PySide6.QtCore import QLocale, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from algovera_desktop.library.curated_names import MAX_NAME_CHARS
from algovera_desktop.ui.models.side_list_model import SideRole
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, ThemeController

_Index = QModelIndex | QPersistentModelIndex


class SideListDelegate(QStyledItemDelegate):
    """Paints counts at the end of the row, muted; headings are muted too."""

    def __init__(self, themes: ThemeController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        height = option.fontMetrics.lineSpacing() + 2 * SPACE_1
        return QSize(super().sizeHint(option, index).width(), height + _gap_above(index))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setProperty("look", "in-place")
        editor.setMaxLength(MAX_NAME_CHARS)
        editor.setAccessibleName(self.tr("Name"))
        return editor

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        # Once: the view asks again at each new count, and what is being typed would be gone.
        if not editor.property("begun"):
            editor.setProperty("begun", True)
            super().setEditorData(editor, index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        count = index.data(SideRole.COUNT)
        words = "" if count is None else QLocale().toString(count)
        room = option.fontMetrics.horizontalAdvance(words) + 2 * SPACE_2 if words else 0
        shown = QStyleOptionViewItem(option)
        shown.rect = option.rect.adjusted(0, _gap_above(index), 0, 0)
        self.initStyleOption(shown, index)
        ground = QStyleOptionViewItem(shown)
        ground.text, ground.icon = "", QIcon()
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, ground, painter, option.widget)
        self._paint_words(painter, shown, index, room)
        if words:
            end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(self._themes.theme.muted))
            painter.drawText(shown.rect.adjusted(0, 0, -SPACE_2, 0), end, words)

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, room: int
    ) -> None:
        theme, face = self._themes.theme, option.rect.adjusted(SPACE_1, 0, -room, 0)
        is_heading = index.data(SideRole.SECTION) is not None
        if not is_heading and not option.icon.isNull():
            side = option.decorationSize
            place = face.adjusted(0, (face.height() - side.height()) // 2, 0, 0)
            place.setSize(side)
            option.icon.paint(painter, place)
            face.setLeft(place.right() + SPACE_2)
        painter.setPen(QColor(theme.muted if is_heading else theme.text))
        words = option.fontMetrics.elidedText(
            option.text, Qt.TextElideMode.ElideRight, face.width()
        )
        start = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(face, start, words)


def _gap_above(index: _Index) -> int:
    """Sets headings, and what belongs to no section, off from what is above them."""
    is_heading = index.data(SideRole.SECTION) is not None
    return SPACE_2 if is_heading or index.data(SideRole.IS_APART) else 0
