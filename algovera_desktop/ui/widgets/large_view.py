"""One picture, as large as there is room, and its neighbours."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSizeF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.gallery_rows import JobTile, Tile
from algovera_desktop.ui.models.gallery_selection import selection_of
from algovera_desktop.ui.models.tile_words import (
    describe_tile,
    detail,
    headline,
    percent,
    progress_of,
    prompt_excerpt,
)
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.elided_label import ElidedLabel
from algovera_desktop.ui.widgets.picture_canvas import PictureCanvas
from algovera_desktop.ui.widgets.picture_frame import fill, lay_out, picture_button
from algovera_desktop.ui.widgets.picture_keys import (
    direction_of,
    is_command,
    is_shifted,
    pan,
    zoom,
)


class LargeView(QWidget):
    """Shows one row of the gallery and walks along it.

    A running job shows its progress, then its picture. When its row goes, the next one comes.

    Signals:
        closed: the user wants the gallery back.
        row_changed: the row that is shown now.
    """

    closed = Signal()
    row_changed = Signal(int)

    def __init__(
        self,
        model: GalleryModel,
        thumbnails: ThumbnailLoader,
        decoder: PictureDecoder,
        commands: PictureCommands,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._thumbnails = thumbnails
        self._decoder = decoder
        self._commands = commands
        self._themes = themes
        self._index = QPersistentModelIndex()
        self._last_row = 0
        self._step = 1
        self._on_canvas = ""
        self._is_open = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = PictureCanvas(themes, self)
        self._words = ElidedLabel(self)
        self._facts = QLabel(self)
        self._previous = picture_button(self.tr("Previous picture (Left)"), self)
        self._next = picture_button(self.tr("Next picture (Right)"), self)
        self._close = picture_button(self.tr("Back to the gallery (Esc)"), self)
        self._lay_out()
        self._connect()
        self._dress()

    def _lay_out(self) -> None:
        self._facts.setProperty("tone", "muted")
        buttons = (self._previous, self._next, self._close)
        lay_out(self, self.canvas, ((self._words, 1), (self._facts, 0)), buttons)

    def _connect(self) -> None:
        self._previous.clicked.connect(self.show_previous)
        self._next.clicked.connect(self.show_next)
        self._close.clicked.connect(self.close_view)
        self.canvas.zoomed.connect(self._on_canvas_zoomed)
        self._themes.changed.connect(self._dress)
        self._decoder.decoded.connect(self._on_picture_changed)
        self._thumbnails.changed.connect(self._on_picture_changed)
        self._model.dataChanged.connect(self._on_model_data_changed)
        self._model.rowsInserted.connect(self._on_model_rows_inserted)
        self._model.rowsRemoved.connect(self._on_model_rows_removed)
        self._model.layoutChanged.connect(self._on_model_rows_removed)
        self._model.modelReset.connect(self.close_view)

    def _dress(self) -> None:
        theme = self._themes.theme
        self._previous.setIcon(icon("arrow-left", theme))
        self._next.setIcon(icon("arrow-right", theme))
        self._close.setIcon(icon("x", theme))

    # What is shown

    def tile(self) -> Tile | None:
        """What is shown, None while nothing is or while it is not at hand."""
        return self._model.tile(self._index.row()) if self._index.isValid() else None

    def show_row(self, row: int) -> None:
        """Show a row, fitted."""
        if not 0 <= row < self._model.rowCount():
            return
        self._on_canvas = ""
        self._step = -1 if row < self._last_row else 1
        self._last_row = row
        self._is_open = True
        self._index = QPersistentModelIndex(self._model.index(row))
        self._show_tile()
        self.row_changed.emit(row)

    def show_next(self) -> None:
        self.show_row(self._index.row() + 1)

    def show_previous(self) -> None:
        self.show_row(self._index.row() - 1)

    def close_view(self) -> None:
        """Let go of the picture and ask for the gallery."""
        if self._is_open:
            self._is_open = False
            self._index = QPersistentModelIndex()
            self._decoder.forget_all()
            self._model.set_wanted("large", ())
            self.closed.emit()

    def _show_tile(self) -> None:
        self._decoder.set_wanted(self._wanted())
        tile = self.tile()
        if tile is None:
            self._show_nothing_yet()
            return
        self._words.setText(prompt_excerpt(tile))
        self.setAccessibleName(describe_tile(tile))
        if isinstance(tile, JobTile):
            progress = progress_of(tile)
            self.canvas.show_words(headline(tile), detail(tile), progress, tile.preview)
        elif tile.sha256 != self._on_canvas:
            # A picture that is only curated stays as it was zoomed.
            self._on_canvas = tile.sha256
            self.canvas.show_picture(QSizeF(tile.width, tile.height))
            self._fill_canvas(tile)
        self._update_caption()

    def _show_nothing_yet(self) -> None:
        """The record comes in a moment, and with it the picture."""
        self._words.setText("")
        self.setAccessibleName(self.tr("Loading…"))
        self.canvas.show_words("", "", None)
        self._update_caption()

    def _fill_canvas(self, record: ImageRecord) -> None:
        fill(self.canvas, record, self._decoder, self._thumbnails)

    def _wanted(self) -> list[ImageRecord]:
        """The picture itself, then the one on the way, then the one behind."""
        row = self._index.row()
        rows = (row, row + self._step, row - self._step)
        there = [one for one in rows if 0 <= one < self._model.rowCount()]
        self._model.set_wanted("large", there)
        tiles = (self._model.tile(one) for one in there)
        return [tile for tile in tiles if isinstance(tile, ImageRecord)]

    def _update_caption(self) -> None:
        tile = self.tile()
        row = self._index.row()
        self._previous.setEnabled(row > 0)
        self._next.setEnabled(row + 1 < self._model.rowCount())
        is_picture = isinstance(tile, ImageRecord)
        scale = percent(self.canvas.zoom.scale) if self.canvas.shows_picture else ""
        self._facts.setText(f"{tile.width} × {tile.height}   {scale}" if is_picture else "")

    def _on_canvas_zoomed(self) -> None:
        self._update_caption()

    def _on_picture_changed(self, sha256: str) -> None:
        tile = self.tile()
        if isinstance(tile, ImageRecord) and tile.sha256 == sha256:
            self._fill_canvas(tile)

    def _on_model_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if not self._index.isValid():
            return
        if first.row() <= self._index.row() <= last.row():
            self._show_tile()
        else:
            self._decoder.set_wanted(self._wanted())

    def _on_model_rows_inserted(self) -> None:
        if self._index.isValid():
            self._last_row = self._index.row()
            self._update_caption()

    def _on_model_rows_removed(self) -> None:
        if self._index.isValid():
            self._on_model_rows_inserted()
        elif self._is_open and self._model.rowCount():
            self.show_row(min(self._last_row, self._model.rowCount() - 1))
        else:
            self.close_view()

    # Keyboard and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        tile = self.tile()
        is_done = not is_command(event) and (
            self._move(event) or zoom(self.canvas, event) or self._act(event)
        )
        if not is_done and not (tile and self._commands.handle_key(event, selection_of([tile]))):
            super().keyPressEvent(event)

    def _move(self, event: QKeyEvent) -> bool:
        """Arrows walk along the gallery; over a picture larger than the view they pan."""
        direction = direction_of(event)
        if direction is None:
            return False
        if is_shifted(event) or self.canvas.zoom.is_pannable:
            pan(self.canvas, direction)
        elif direction[0]:
            self.show_row(self._index.row() + direction[0])
        return True

    def _act(self, event: QKeyEvent) -> bool:
        actions = {
            Qt.Key.Key_Escape: self.close_view,
            Qt.Key.Key_Space: self.close_view,
            Qt.Key.Key_PageDown: self.show_next,
            Qt.Key.Key_PageUp: self.show_previous,
        }
        action = actions.get(Qt.Key(event.key()))
        if action:
            action()
        return action is not None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.canvas.toggle_zoom()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        tile = self.tile()
        if tile:
            self._commands.menu(selection_of([tile]), self).popup(event.globalPos())
