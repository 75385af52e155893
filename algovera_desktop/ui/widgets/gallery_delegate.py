"""Paints the gallery's tiles: pictures, and the jobs that are to become pictures."""

from enum import Enum

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import JobState
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.models.gallery_rows import JobTile, Tile
from algovera_desktop.ui.models.gallery_rows_model import GalleryRole
from algovera_desktop.ui.models.tile_words import (
    detail,
    headline,
    held_up_by,
    is_being_changed,
    problem_words,
    progress_of,
    retry_words,
)
from algovera_desktop.ui.picture_commands import RETRYABLE_STATES
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, Theme, ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.tile_marks import TileMarks

GAP = 12
"""Between two tiles; the ring around a selected one fits into it."""

_RING = 4
_MIN_JOB_SIDE = 112
_BUTTON_HEIGHT = 24
_CORNER_SIDE = 22
_RADIUS = 4


class TileButton(Enum):
    """What can be clicked inside a job's tile."""

    CLOSE = "close"
    RETRY = "retry"


class GalleryDelegate(QStyledItemDelegate):
    """Paints one tile in one pass, with what the model and the loader have at hand.

    ``tile_px`` is the side of the square that a picture fits into.
    """

    def __init__(
        self, thumbnails: ThumbnailLoader, themes: ThemeController, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.tile_px = 192
        self.pointer: QPoint | None = None
        self._thumbnails = thumbnails
        self._themes = themes
        self._marks = TileMarks(themes, self)
        self._icons: dict[tuple[str, str, float], QPixmap] = {}
        themes.changed.connect(self._on_themes_changed)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(self.tile_px + GAP, self.tile_px + GAP)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tile: Tile | None = index.data(GalleryRole.TILE)
        face = self.face(option.rect, tile)
        painter.save()
        self._paint_rings(painter, face, option.state)
        if isinstance(tile, JobTile):
            is_hot = bool(option.state & (_OVER | _FOCUS))
            self._paint_job(painter, face, tile, is_hot, option.font)
        elif tile is None:
            painter.fillRect(face, QColor(self._theme.background))
        else:
            self._paint_picture(painter, face, tile, option.font)
        painter.restore()

    def face(self, cell: QRect, tile: Tile | None) -> QRect:
        """Where in its cell a tile's picture, or its place holder, is; of a tile that is not at
        hand the shape is not known, so it is a square."""
        box = QRect(0, 0, self.tile_px, self.tile_px)
        box.moveCenter(cell.center())
        if tile is None:
            size = box.size()
        elif isinstance(tile, JobTile):
            asked = QSize(tile.job.request.width, tile.job.request.height)
            least = min(_MIN_JOB_SIDE, self.tile_px)
            size = _fitted(asked, box.size()).expandedTo(QSize(least, least))
        else:
            size = _fitted(QSize(tile.width, tile.height), box.size())
        face = QRect(QPoint(), size)
        face.moveCenter(box.center())
        return face

    def button_at(self, cell: QRect, tile: Tile | None, position: QPoint) -> TileButton | None:
        """Which of a tile's buttons is under the pointer."""
        if not isinstance(tile, JobTile):
            return None
        face = self.face(cell, tile)
        if _close_rect(face).contains(position):
            return TileButton.CLOSE
        if tile.job.state in RETRYABLE_STATES and _retry_rect(face).contains(position):
            return TileButton.RETRY
        return None

    @property
    def _theme(self) -> Theme:
        return self._themes.theme

    def _paint_rings(self, painter: QPainter, face: QRect, state: QStyle.StateFlag) -> None:
        """A ground and an outline around what is selected, a ring around what has the focus."""
        ring = face.adjusted(-_RING, -_RING, _RING, _RING)
        if state & _SELECTED:
            painter.fillRect(ring, QColor(self._theme.selection))
            painter.setPen(QPen(QColor(self._theme.accent), 1))
            painter.drawRect(ring.adjusted(0, 0, -1, -1))
        if state & _FOCUS:
            painter.setPen(QPen(QColor(self._theme.focus), 2))
            painter.drawRect(ring)

    def _paint_picture(
        self, painter: QPainter, face: QRect, record: ImageRecord, font: QFont
    ) -> None:
        scale = painter.device().devicePixelRatioF()
        pixmap = self._thumbnails.pixmap(record, side_px(self.tile_px, scale))
        if pixmap is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(face, pixmap)
        else:
            painter.fillRect(face, QColor(self._theme.background))
            problem = self._thumbnails.problem(record)
            if problem is not None:
                self._paint_words(painter, face, "triangle-alert", problem_words(problem), font)
        self._marks.paint(painter, face, record, font)

    def _paint_words(
        self, painter: QPainter, face: QRect, icon_name: str, words: str, font: QFont
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(self._theme.muted))
        mark = QRect(0, 0, ICON_SIDE, ICON_SIDE)
        mark.moveCenter(face.center() - QPoint(0, SPACE_2 + SPACE_1))
        painter.drawPixmap(mark, self._icon(painter, icon_name, "warning"))
        below = QRect(face.left() + SPACE_1, mark.bottom() + SPACE_1, face.width() - SPACE_2, 40)
        painter.drawText(below, _TOP_CENTRE, words)

    def _paint_job(
        self, painter: QPainter, face: QRect, tile: JobTile, is_hot: bool, font: QFont
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.setBrush(QColor(self._theme.raised))
        painter.drawRoundedRect(face.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if tile.preview is not None and tile.job.state not in RETRYABLE_STATES:
            self._paint_preview(painter, face, tile.preview)
        else:
            self._paint_state(painter, face, tile, font)
        if tile.job.state in RETRYABLE_STATES:
            self._paint_retry(painter, face, tile, font)
        else:
            self._paint_bar(painter, face, progress_of(tile))
        if is_hot:
            self._paint_close(painter, face)

    def _paint_preview(self, painter: QPainter, face: QRect, image: QImage) -> None:
        room = face.adjusted(SPACE_1, SPACE_1, -SPACE_1, -20)  # the bar is below
        place = QRect(QPoint(), image.size().scaled(room.size(), _KEEP_ASPECT_RATIO))
        place.moveCenter(room.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image)

    def _paint_state(self, painter: QPainter, face: QRect, tile: JobTile, font: QFont) -> None:
        icon_name, tone = _mark(tile)
        line = QFontMetrics(font).lineSpacing()
        has_room = face.height() >= 128
        top = face.top() + max(SPACE_2, face.height() // 2 - line * 2 - (12 if has_room else 0))
        if icon_name and has_room:
            mark = QRect(face.center().x() - ICON_SIDE // 2, top - SPACE_1, ICON_SIDE, ICON_SIDE)
            painter.drawPixmap(mark, self._icon(painter, icon_name, tone))
            top = mark.bottom() + SPACE_1
        text = QRect(face.left() + SPACE_1, top, face.width() - SPACE_2, line)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(text, _TOP_CENTRE, headline(tile))
        painter.setFont(font)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(text.adjusted(0, line, 0, line * 2), _TOP_CENTRE, detail(tile))

    def _paint_bar(self, painter: QPainter, face: QRect, progress: float | None) -> None:
        if progress is None:
            return
        track = QRect(face.left() + 12, face.bottom() - 15, face.width() - 24, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.line))
        painter.drawRoundedRect(track, 2, 2)
        track.setWidth(max(4, round(track.width() * progress)))
        painter.setBrush(QColor(self._theme.accent))
        painter.drawRoundedRect(track, 2, 2)

    def _paint_retry(self, painter: QPainter, face: QRect, tile: JobTile, font: QFont) -> None:
        button = _retry_rect(face)
        painter.setPen(QPen(QColor(self._theme.outline), 1))
        painter.setBrush(self._button_ground(button))
        painter.drawRoundedRect(button.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(button, Qt.AlignmentFlag.AlignCenter, retry_words(tile.job.state))

    def _paint_close(self, painter: QPainter, face: QRect) -> None:
        corner = _close_rect(face)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._button_ground(corner))
        painter.drawRoundedRect(corner, _RADIUS, _RADIUS)
        mark = QRect(0, 0, ICON_SIDE, ICON_SIDE)
        mark.moveCenter(corner.center())
        painter.drawPixmap(mark, self._icon(painter, "x", "text"))

    def _button_ground(self, button: QRect) -> QColor:
        is_under = self.pointer is not None and button.contains(self.pointer)
        return QColor(self._theme.hover if is_under else self._theme.raised)

    def _icon(self, painter: QPainter, name: str, tone: str) -> QPixmap:
        scale = painter.device().devicePixelRatioF()
        key = (name, tone, scale)
        if key not in self._icons:
            source = icon(name, self._theme, tone)
            self._icons[key] = source.pixmap(QSize(ICON_SIDE, ICON_SIDE), scale)
        return self._icons[key]

    def _on_themes_changed(self) -> None:
        self._icons.clear()


def side_px(tile_px: int, scale: float) -> int:
    """The device pixels of a tile's side."""
    return round(tile_px * scale)


def _fitted(size: QSize, box: QSize) -> QSize:
    fitted = size.scaled(box, Qt.AspectRatioMode.KeepAspectRatio)
    return fitted.expandedTo(QSize(1, 1))


def _close_rect(face: QRect) -> QRect:
    return QRect(face.right() - _CORNER_SIDE - 2, face.top() + 3, _CORNER_SIDE, _CORNER_SIDE)


def _retry_rect(face: QRect) -> QRect:
    width = min(face.width() - 2 * SPACE_2, 104)
    left = face.center().x() - width // 2
    return QRect(left, face.bottom() - _BUTTON_HEIGHT - SPACE_2 + 1, width, _BUTTON_HEIGHT)


_SELECTED = QStyle.StateFlag.State_Selected
_FOCUS = QStyle.StateFlag.State_HasFocus
_OVER = QStyle.StateFlag.State_MouseOver
_TOP_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_KEEP_ASPECT_RATIO = Qt.AspectRatioMode.KeepAspectRatio
_MARKS = {
    JobState.WAITING: ("clock", "muted"),
    JobState.HELD: ("pause", "warning"),
    JobState.SUBMITTING: ("server", "muted"),
    JobState.RUNNING: ("pencil", "muted"),
    JobState.FETCHING: ("download", "muted"),
    JobState.FAILED: ("triangle-alert", "danger"),
    JobState.UNKNOWN: ("circle-question-mark", "warning"),
}


def _mark(tile: JobTile) -> tuple[str, str]:
    """The icon of a job's state and its tone; that of trouble only where there is some."""
    if is_being_changed(tile):
        return _MARKS[JobState.RUNNING]
    state = JobState.HELD if held_up_by(tile) else tile.job.state
    return _MARKS.get(state, ("", "muted"))
