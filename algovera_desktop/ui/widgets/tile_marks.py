"""Small marks on a picture's tile: what the artist made of it, and whether its file is gone."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, ThemeController

_HEIGHT = 20
_RADIUS = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape that can be told from the others without its colour, and words beside it."""

    icon_name: str
    tone: str
    words: str = ""
    is_filled: bool = True


def marks_of(record: ImageRecord) -> list[Mark]:
    """What a tile tells of a picture; nothing of one that nothing was made of."""
    marks: list[Mark] = []
    if record.missing_since is not None:
        marks.append(Mark("image-off", "warning", is_filled=False))
    if record.is_favourite:
        marks.append(Mark("heart", "text"))
    if record.rating:
        marks.append(Mark("star", "text", str(record.rating)))
    return marks


class TileMarks(QObject):
    """Paints a picture's marks in one plain box in the corner of its face."""

    def __init__(self, themes: ThemeController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._icons: dict[tuple[Mark, float], QPixmap] = {}
        themes.changed.connect(self._on_themes_changed)

    def paint(self, painter: QPainter, face: QRect, record: ImageRecord, font: QFont) -> None:
        marks = marks_of(record)
        if not marks:
            return
        metrics = QFontMetrics(font)
        widths = [ICON_SIDE + metrics.horizontalAdvance(mark.words) for mark in marks]
        box = QRect(0, 0, sum(widths) + SPACE_1 * (len(marks) + 1), _HEIGHT)
        box.moveBottomLeft(face.bottomLeft() + QPoint(SPACE_1, -SPACE_1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._themes.theme.surface))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        painter.setFont(font)
        painter.setPen(QColor(self._themes.theme.text))
        left = box.left() + SPACE_1
        for mark, width in zip(marks, widths, strict=True):
            self._paint_mark(painter, QRect(left, box.top(), width, _HEIGHT), mark)
            left += width + SPACE_1

    def _paint_mark(self, painter: QPainter, place: QRect, mark: Mark) -> None:
        shape = QRect(place.left(), place.top() + (_HEIGHT - ICON_SIDE) // 2, ICON_SIDE, ICON_SIDE)
        painter.drawPixmap(shape, self._icon(mark, painter.device().devicePixelRatioF()))
        words = place.adjusted(ICON_SIDE, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, mark.words)

    def _icon(self, mark: Mark, scale: float) -> QPixmap:
        key = (mark, scale)
        if key not in self._icons:
            source = icon(mark.icon_name, self._themes.theme, mark.tone, is_filled=mark.is_filled)
            self._icons[key] = source.pixmap(QSize(ICON_SIDE, ICON_SIDE), scale)
        return self._icons[key]

    def _on_themes_changed(self) -> None:
        self._icons.clear()
