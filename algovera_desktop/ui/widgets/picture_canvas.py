"""A picture under the hand: zoomed around the pointer, dragged about, sharp to the pixel."""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from algovera_desktop.ui.picture_decoder import DecodedPicture
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.empty_state import paint_empty_state
from algovera_desktop.ui.widgets.zoom import Zoom

_WHEEL_NOTCH = 120
_ZOOM_STEP = 1.25
_SMOOTH_UP_TO = 2.0
"""Above this scale an artist wants to see the pixels, not a blur."""

_KEEP_ASPECT_RATIO = Qt.AspectRatioMode.KeepAspectRatio
_BAR_WIDTH, _BAR_HEIGHT, _BAR_DROP = 240, 4, 48


class PictureCanvas(QWidget):
    """Paints one picture, or words where there is none.

    Until the whole picture is decoded a stand-in of any size takes its place.

    Signals:
        zoomed: the scale or the place has changed.
    """

    zoomed = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zoom = Zoom()
        self._themes = themes
        self._size = QSizeF(1, 1)
        self._picture = DecodedPicture()
        self._stand_in: QPixmap | None = None
        self._words: tuple[str, str] | None = None
        self._progress: float | None = None
        self._unfinished: QImage | None = None
        self._dragged_from: QPointF | None = None
        themes.changed.connect(self.update)

    @property
    def shows_picture(self) -> bool:
        """Whether there is a picture, or room for one, rather than words."""
        return self._words is None

    def show_picture(self, size: QSizeF) -> None:
        """Make room for a picture of so many pixels, fitted."""
        self._size = size
        self._picture = DecodedPicture()
        self._stand_in = None
        self._words = self._progress = self._unfinished = None
        self._dragged_from = None
        self.zoom.set_picture(size)
        self._on_zoom_changed()

    def set_stand_in(self, pixmap: QPixmap | None) -> None:
        self._stand_in = pixmap
        self.update()

    def set_picture(self, picture: DecodedPicture) -> None:
        self._picture = picture
        self.update()

    def show_words(
        self,
        title: str,
        hint: str,
        progress: float | None = None,
        unfinished: QImage | None = None,
    ) -> None:
        """Say something in the picture's place, or show what is painted of it so far."""
        self._unfinished = unfinished
        self._picture = DecodedPicture()
        self._stand_in = None
        self._words = (title, hint)
        self._progress = progress
        self.unsetCursor()
        self.update()
        self.zoomed.emit()

    def zoom_in(self) -> None:
        self._zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        self._zoom_by(1 / _ZOOM_STEP)

    def zoom_to_pixels(self) -> None:
        """One pixel of the picture for each pixel of the screen."""
        self.zoom.set_scale(1.0)
        self._on_zoom_changed()

    def zoom_to_fit(self) -> None:
        self.zoom.fit()
        self._on_zoom_changed()

    def toggle_zoom(self) -> None:
        """Change between the whole picture and its pixels."""
        if self.zoom.is_fitted:
            self.zoom_to_pixels()
        else:
            self.zoom_to_fit()

    def pan(self, by: QPointF) -> None:
        self.zoom.pan(by)
        self._on_zoom_changed()

    def follow(self, zoom: Zoom) -> None:
        """Show the same part of the picture as another canvas; ``zoomed`` is not emitted."""
        self.zoom.follow(zoom)
        self._dress_cursor()
        self.update()

    def _zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        self.zoom.set_scale(self.zoom.scale * factor, at)
        self._on_zoom_changed()

    def _on_zoom_changed(self) -> None:
        self._dress_cursor()
        self.update()
        self.zoomed.emit()

    def _dress_cursor(self) -> None:
        if self._dragged_from is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.zoom.is_pannable:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._themes.theme
        painter.fillRect(self.rect(), QColor(theme.surface))
        if not self._words:
            self._paint_picture(painter)
        else:
            if self._unfinished is not None:
                self._paint_unfinished(painter, self._unfinished)
            if self._progress is not None:
                self._paint_bar(painter, self._progress)
        painter.end()
        if self._words and self._unfinished is None:
            paint_empty_state(self, self.font(), theme, *self._words)

    def _paint_picture(self, painter: QPainter) -> None:
        self._paint_pixmap(painter, self._best_pixmap(self._picture, self._stand_in))

    def _paint_pixmap(self, painter: QPainter, pixmap: QPixmap | None) -> None:
        """A pixmap where the picture lies, or its place where there is none yet."""
        whole = self.zoom.rect()
        if pixmap is None:
            painter.fillRect(whole, QColor(self._themes.theme.background))
            return
        is_blocky = not self.zoom.is_fitted and self.zoom.scale > _SMOOTH_UP_TO
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_blocky)
        seen = whole.intersected(QRectF(self.rect()))
        across, down = pixmap.width() / whole.width(), pixmap.height() / whole.height()
        offset = seen.topLeft() - whole.topLeft()
        source = QRectF(
            offset.x() * across, offset.y() * down, seen.width() * across, seen.height() * down
        )
        painter.drawPixmap(seen, pixmap, source)

    def _best_pixmap(self, picture: DecodedPicture, stand_in: QPixmap | None) -> QPixmap | None:
        """The smallest that is sharp at this scale."""
        full, overview = picture.full, picture.overview
        if full is None or overview is None:
            return stand_in
        needed_px = self._size.width() * self.zoom.scale
        return overview if needed_px <= overview.width() else full

    def _paint_unfinished(self, painter: QPainter, image: QImage) -> None:
        """As large as fits, with room for the bar below it."""
        room = self.rect().adjusted(0, 0, 0, -3 * _BAR_HEIGHT)
        face = QRect(QPoint(), image.size().scaled(room.size(), _KEEP_ASPECT_RATIO))
        face.moveCenter(room.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(face, image)

    def _paint_bar(self, painter: QPainter, progress: float) -> None:
        track = QRect(0, 0, _BAR_WIDTH, _BAR_HEIGHT)
        track.moveCenter(self.rect().center())
        if self._unfinished is None:
            track.translate(0, _BAR_DROP)
        else:
            track.moveBottom(self.rect().bottom() - _BAR_HEIGHT)
        painter.fillRect(track, QColor(self._themes.theme.line))
        track.setWidth(round(track.width() * progress))
        painter.fillRect(track, QColor(self._themes.theme.accent))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.zoom.set_view(QSizeF(self.size()), self.devicePixelRatioF())
        self._on_zoom_changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        if notches:
            self._zoom_by(_ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.zoom.is_pannable:
            self._dragged_from = event.position()
            self._dress_cursor()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None:
            by = event.position() - self._dragged_from
            self._dragged_from = event.position()
            self.pan(by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        self._on_zoom_changed()
