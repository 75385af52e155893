"""A sentence and a hint in the middle of an area that has nothing to show."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from algovera_desktop.ui.theme import SPACE_1, SPACE_6, Theme, heading_font


def paint_empty_state(canvas: QWidget, font: QFont, theme: Theme, title: str, hint: str) -> None:
    """Write ``title`` as a heading and ``hint`` below it; for a paintEvent."""
    painter = QPainter(canvas)
    area = canvas.rect().adjusted(SPACE_6, SPACE_6, -SPACE_6, -SPACE_6)
    middle = area.center().y()
    above = QRect(area.topLeft(), QPoint(area.right(), middle - SPACE_1))
    below = QRect(QPoint(area.left(), middle + SPACE_1), area.bottomRight())
    centred = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    painter.setFont(heading_font(font))
    painter.setPen(QColor(theme.text))
    painter.drawText(above, centred | Qt.AlignmentFlag.AlignBottom, title)
    painter.setFont(font)
    painter.setPen(QColor(theme.muted))
    painter.drawText(below, centred | Qt.AlignmentFlag.AlignTop, hint)
    painter.end()
