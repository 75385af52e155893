"""What a picture was varied from, and what from it, as a line of small pictures."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.models.tile_words import problem_words, prompt_excerpt
from algovera_desktop.ui.theme import SPACE_1, ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader

TILE_SIDE = 48
_WHO = "lineage"


class LineageLine(QWidget):
    """Hidden for a picture that was made from nothing and that nothing was made from.

    Signals:
        picture_requested: the id (int) of a picture that the user wants to see.
    """

    picture_requested = Signal(object)

    def __init__(
        self, thumbnails: ThumbnailLoader, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._themes = themes
        self._tiles: dict[QToolButton, ImageRecord] = {}
        title = QLabel(self.tr("Varied from and into"), self)
        title.setProperty("tone", "muted")
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName(title.text())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(title)
        column.addWidget(self._area)
        thumbnails.changed.connect(self._on_thumbnails_changed)
        themes.changed.connect(self._on_themes_changed)
        self.hide()

    def show_family(
        self, record: ImageRecord, parents: Sequence[ImageRecord], children: Sequence[ImageRecord]
    ) -> None:
        """Show a picture between its ``parents``, the nearest first, and its ``children``."""
        self._tiles.clear()
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE_1)
        words = prompt_excerpt
        for parent in reversed(parents):
            line.addWidget(self._tile(parent, self.tr("Varied from: {0}").format(words(parent))))
            line.addWidget(self._arrow())
        line.addWidget(self._tile(record, self.tr("This picture: {0}").format(words(record))))
        if children:
            line.addWidget(self._arrow())
        for child in children:
            line.addWidget(self._tile(child, self.tr("Varied into: {0}").format(words(child))))
        line.addStretch(1)
        here = next(tile for tile, one in self._tiles.items() if one is record)
        here.setCheckable(True)
        here.setChecked(True)
        self._take_away()
        self._area.setWidget(row)
        bar = self._area.horizontalScrollBar().sizeHint().height()
        self._area.setFixedHeight(row.sizeHint().height() + bar)
        side_px = round(TILE_SIDE * self.devicePixelRatioF())
        is_alone = not parents and not children
        self._thumbnails.set_wanted(_WHO, [] if is_alone else [*self._tiles.values()], side_px)
        self.setVisible(not is_alone)

    def clear(self) -> None:
        """Show no picture's family."""
        self._tiles.clear()
        self._take_away()
        self._thumbnails.set_wanted(_WHO, [], TILE_SIDE)
        self.hide()

    def _take_away(self) -> None:
        row = self._area.takeWidget()
        if row is not None:
            # Not at once: it may be one of its tiles that was clicked.
            row.deleteLater()

    def _tile(self, record: ImageRecord, name: str) -> QToolButton:
        tile = QToolButton()
        tile.setIconSize(QSize(TILE_SIDE, TILE_SIDE))
        tile.setAccessibleName(name)
        tile.setToolTip(name)
        tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tile.clicked.connect(self._on_tile_clicked)
        self._tiles[tile] = record
        self._paint(tile, record)
        return tile

    def _arrow(self) -> QLabel:
        arrow = QLabel()
        side = QSize(ICON_SIDE, ICON_SIDE)
        picture = icon("arrow-right", self._themes.theme, "muted")
        arrow.setPixmap(picture.pixmap(side, self.devicePixelRatioF()))
        return arrow

    def _paint(self, tile: QToolButton, record: ImageRecord) -> None:
        ratio = self.devicePixelRatioF()
        side_px = round(TILE_SIDE * ratio)
        face = QPixmap(side_px, side_px)
        face.setDevicePixelRatio(ratio)
        face.fill(Qt.GlobalColor.transparent)
        painter = QPainter(face)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        thumbnail = self._thumbnails.pixmap(record, side_px)
        place = _centred(QSizeF(record.width, record.height))
        if thumbnail is not None:
            painter.drawPixmap(place, thumbnail, QRectF(thumbnail.rect()))
        else:
            painter.fillRect(place, QColor(self._themes.theme.line))
            problem = self._thumbnails.problem(record)
            if problem:
                tile.setToolTip(problem_words(problem))
        painter.end()
        tile.setIcon(QIcon(face))

    def _on_tile_clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, QToolButton) and tile in self._tiles:
            if tile.isCheckable():
                tile.setChecked(True)
            self.picture_requested.emit(self._tiles[tile].id)

    def _on_thumbnails_changed(self, sha256: str) -> None:
        for tile, record in self._tiles.items():
            if record.sha256 == sha256:
                self._paint(tile, record)

    def _on_themes_changed(self) -> None:
        for tile, record in self._tiles.items():
            self._paint(tile, record)


def _centred(size: QSizeF) -> QRectF:
    """Where a picture of some size lies in a tile."""
    fitted = size.scaled(QSizeF(TILE_SIDE, TILE_SIDE), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRectF(0, 0, fitted.width(), fitted.height())
    place.moveCenter(QRectF(0, 0, TILE_SIDE, TILE_SIDE).center())
    return place
