"""The selected picture, at the width of its column."""

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.models.tile_words import describe_tile, problem_words
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader

_MAX_HEIGHT = 320
_RESIZE_DELAY_MS = 60


class Preview(QWidget):
    """Shows one picture's thumbnail, as large as the column allows.

    Signals:
        activated: it was double clicked.
    """

    activated = Signal()

    def __init__(
        self, thumbnails: ThumbnailLoader, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._themes = themes
        self._record: ImageRecord | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        # While a column is dragged wider only the last width is worth a decoding.
        self._resize_timer = QTimer(self, singleShot=True, interval=_RESIZE_DELAY_MS)
        self._resize_timer.timeout.connect(self._wish)
        thumbnails.changed.connect(self._on_thumbnails_changed)
        themes.changed.connect(self.update)

    def show_record(self, record: ImageRecord) -> None:
        self._record = record
        self.setAccessibleName(describe_tile(record))
        self.updateGeometry()
        self._wish()
        self.update()

    def heightForWidth(self, width: int) -> int:
        return self._fitted(width).height()

    def sizeHint(self) -> QSize:
        return self._fitted(max(self.width(), 1))

    def _fitted(self, width: int) -> QSize:
        if self._record is None:
            return QSize(width, 0)
        size = QSize(self._record.width, self._record.height)
        return size.scaled(QSize(width, _MAX_HEIGHT), Qt.AspectRatioMode.KeepAspectRatio)

    def _side_px(self) -> int:
        size = self._fitted(self.width())
        return round(max(size.width(), size.height(), 1) * self.devicePixelRatioF())

    def _wish(self) -> None:
        if self._record:
            self._thumbnails.set_wanted("preview", [self._record], self._side_px())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._resize_timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._record is None:
            return
        painter = QPainter(self)
        face = QRect(self.rect().topLeft(), self._fitted(self.width()))
        face.moveCenter(self.rect().center())
        pixmap = self._thumbnails.pixmap(self._record, self._side_px())
        if pixmap is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(face, pixmap)
            return
        painter.fillRect(face, QColor(self._themes.theme.surface))
        problem = self._thumbnails.problem(self._record)
        if problem:
            painter.setPen(QColor(self._themes.theme.muted))
            painter.drawText(face, Qt.AlignmentFlag.AlignCenter, problem_words(problem))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()

    def _on_thumbnails_changed(self, sha256: str) -> None:
        if self._record and self._record.sha256 == sha256:
            self.update()
