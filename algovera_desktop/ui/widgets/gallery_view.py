"""The gallery: tiles in rows, with the mouse, the keyboard and a screen reader."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import (
    QCoreApplication,
    QItemSelection,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from algovera_desktop.domain.images import ImageRecord, LibraryQuery, SortOrder
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.gallery_selection import GallerySelection
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.arrangeable_grid import ArrangeableGrid
from algovera_desktop.ui.widgets.empty_state import paint_empty_state
from algovera_desktop.ui.widgets.gallery_delegate import GAP, GalleryDelegate, TileButton, side_px
from algovera_desktop.ui.widgets.gallery_drag import MAX_FILES, drag_data, start_drag

translate = QCoreApplication.translate

TILE_SIDES_PX = (128, 192, 256, 384)
_WISH_DELAY_MS = 10
_MOST_CARRIED = 20_000
_MOVING_KEYS = frozenset({Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Right})
_MOVING_KEYS |= {Qt.Key.Key_Up, Qt.Key.Key_Down}
_OPEN_KEYS = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})


class GalleryView(ArrangeableGrid):
    """Shows a GalleryModel as tiles.

    Only here is known where a tile lies, so that another geometry changes nothing else.

    Signals:
        open_requested: the row of a tile that is to be seen large.
        selection_changed: the GallerySelection; once for all that happens at a time, and again
            when what a selected tile shows has changed.
        tile_size_changed: the side of a tile in device-independent pixels.
        move_requested: ids of an album's pictures, and the id of the one before which they are
            to stand, None for the end.
    """

    open_requested = Signal(int)
    selection_changed = Signal(object)
    tile_size_changed = Signal(object)
    move_requested = Signal(object, object)

    def __init__(
        self,
        model: GalleryModel,
        thumbnails: ThumbnailLoader,
        files: PictureFiles,
        commands: PictureCommands,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._model = model
        self._thumbnails = thumbnails
        self._files = files
        self._commands = commands
        self._delegate = GalleryDelegate(thumbnails, themes, self)
        self._pressed: tuple[str, TileButton] | None = None
        self._seen: set[str] = set()
        self._selected_count = 0
        self._first_selected = 0
        self._wish_timer = QTimer(self, singleShot=True, interval=_WISH_DELAY_MS)
        self._wish_timer.timeout.connect(self._on_wish_timer_timeout)
        self._selection_timer = QTimer(self, singleShot=True, interval=0)
        self._selection_timer.timeout.connect(self._on_selection_timer_timeout)
        self._set_up()
        self._connect()

    def _set_up(self) -> None:
        self.setObjectName("gallery")
        # A border that comes with the focus, or a bar that comes and goes, would shift every
        # tile; tiles have a ring, and a bar with nowhere to go shows no handle.
        self.setStyleSheet(
            "#gallery, #gallery:focus { border: none; }"
            "#gallery QScrollBar::handle:disabled { background: transparent; }"
        )
        self.setAccessibleName(self.tr("Gallery"))
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.verticalScrollBar().setEnabled(False)
        self.set_cell(self.tile_px + GAP, GAP)

    def _connect(self) -> None:
        self.verticalScrollBar().rangeChanged.connect(self._on_bar_range_changed)
        self.pictures_dropped.connect(self._on_pictures_dropped)
        self.doubleClicked.connect(self._on_index_double_clicked)
        self._model.dataChanged.connect(self._on_model_data_changed)
        self._model.rowsInserted.connect(self._on_model_rows_inserted)
        self._model.rowsRemoved.connect(self._on_model_rows_removed)
        self._model.modelReset.connect(self._on_model_reset)
        self._model.many_changing.connect(self._on_model_many_changing)
        self._model.layoutChanged.connect(self._on_model_layout_changed)
        self._model.page_loaded.connect(self.viewport().update)
        self._thumbnails.changed.connect(self._on_thumbnails_changed)
        self._themes.changed.connect(self.viewport().update)

    # Geometry

    @property
    def tile_px(self) -> int:
        return self._delegate.tile_px

    def set_tile_size(self, tile_px: int) -> None:
        """Show tiles of the offered size that is nearest, keeping the cursor in sight."""
        nearest = min(TILE_SIDES_PX, key=lambda side: abs(side - tile_px))
        if nearest == self.tile_px:
            return
        self._delegate.tile_px = nearest
        self.set_cell(self.tile_px + GAP, GAP)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)
        self.tile_size_changed.emit(nearest)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._wish_timer.isActive():
            self._wish_timer.start()
        if self._is_empty():
            theme = self._themes.theme
            paint_empty_state(self.viewport(), self.font(), theme, *_empty_words(self._model.query))

    def _is_empty(self) -> bool:
        return self._model.rowCount() == 0 and not self._model.is_loading

    # Thumbnails

    def _on_wish_timer_timeout(self) -> None:
        """Wish for what is seen, then for the screenful below and the one above."""
        seen = self.visible_rows()
        below = range(seen.stop, min(seen.stop + len(seen), self._model.rowCount()))
        above = range(max(seen.start - len(seen), 0), seen.start)
        rows = [*seen, *below, *above]
        self._model.set_wanted("gallery", rows)
        tiles = [self._model.tile(row) for row in rows]
        records = [tile for tile in tiles if isinstance(tile, ImageRecord)]
        side = side_px(self.tile_px, self.devicePixelRatioF())
        self._thumbnails.set_wanted("gallery", records, side)
        shown = (tile for tile in tiles[: len(seen)] if isinstance(tile, ImageRecord))
        self._seen = {record.sha256 for record in shown}
        self._describe()

    def _describe(self) -> None:
        words = " ".join(_empty_words(self._model.query)) if self._is_empty() else ""
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def _on_thumbnails_changed(self, sha256: str) -> None:
        # All that arrive before the next paint are painted in one.
        if sha256 in self._seen:
            self.viewport().update()

    # Selection

    def selected(self) -> GallerySelection:
        """What is selected, in the gallery's order."""
        return self._model.selection(self._spans())

    def _spans(self) -> list[tuple[int, int]]:
        """The selected rows from the top, each stretch from its first to its last."""
        ranges = self.selectionModel().selection()
        spans = (ranges.at(position) for position in range(ranges.count()))
        return sorted((span.top(), span.bottom()) for span in spans)

    def select_row(self, row: int) -> None:
        """Put cursor and selection on a row and show it."""
        index = self._model.index(row)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._selection_timer.start()

    def _on_model_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """Only one that is selected alone is told with what it shows."""
        row = self._first_selected
        if self._selected_count == 1 and first.row() <= row <= last.row():
            self._selection_timer.start()

    def _on_model_rows_inserted(self) -> None:
        if self._selected_count:
            self._selection_timer.start()

    def _on_model_rows_removed(self) -> None:
        """What follows a deleted picture is selected, so that one can go on."""
        if self._selected_count and not self.selectionModel().hasSelection():
            row = min(self._first_selected, self._model.rowCount() - 1)
            self.setCurrentIndex(self._model.index(row))
        self._selection_timer.start()

    def _on_model_many_changing(self) -> None:
        """To carry a selection over costs time for each that is selected, so not many."""
        if self._selected_count > _MOST_CARRIED:
            self.clearSelection()

    def _on_model_layout_changed(self) -> None:
        self._on_model_rows_removed()

    def _on_model_reset(self) -> None:
        query = self._model.query
        self.is_arrangeable = query.album_id is not None and query.sort is SortOrder.ALBUM
        self._thumbnails.retry_problems()
        self.scrollToTop()
        self._selection_timer.start()

    def _on_bar_range_changed(self, _lowest: int, highest: int) -> None:
        self.verticalScrollBar().setEnabled(highest > 0)

    def _on_selection_timer_timeout(self) -> None:
        selection = self.selected()
        self._selected_count = len(selection)
        self._first_selected = min(span[0] for span in self._spans()) if selection else 0
        self.selection_changed.emit(selection)

    # Keyboard and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPEN_KEYS and not event.modifiers() & _SPECIAL:
            self._on_index_double_clicked(self.currentIndex())
        elif not self._commands.handle_key(event, self.selected()):
            super().keyPressEvent(event)
            self._select_reached(event)

    def _select_reached(self, event: QKeyEvent) -> None:
        """The cursor's tile is selected, too, where a key had nowhere to take the cursor: the
        focus alone sets the cursor on the first tile and selects nothing."""
        is_plain = not event.modifiers() & (_SPECIAL | Qt.KeyboardModifier.ShiftModifier)
        if event.key() in _MOVING_KEYS and is_plain and not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.currentIndex())

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here, not the start of a name."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step_tile_size(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def step_tile_size(self, step: int) -> None:
        """Larger tiles for 1, smaller ones for -1."""
        position = TILE_SIDES_PX.index(self.tile_px) + step
        if 0 <= position < len(TILE_SIDES_PX):
            self.set_tile_size(TILE_SIDES_PX[position])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._button_at(event.position().toPoint())
        if not self._pressed:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if not pressed:
            super().mouseReleaseEvent(event)
        elif self._button_at(event.position().toPoint()) == pressed:
            _press(self._commands, *pressed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._button_at(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        self._delegate.pointer = position
        index = self.indexAt(position)
        if index.isValid() and isinstance(self._model.tile(index.row()), JobTile):
            self.update(index)
        if not self._pressed:
            super().mouseMoveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        if is_by_keyboard and not self.selectionModel().hasSelection():
            self.setCurrentIndex(self.currentIndex())
        selection = self.selected()
        if selection:
            self._commands.menu(selection, self).popup(_menu_position(self, event))

    def startDrag(self, supported: Qt.DropAction) -> None:
        """Take pictures along, and the files of some for folders and paint programs, once the
        paths of all of these are known."""
        ids = self.selected().image_ids
        if ids:
            task = self._model.fetch(ids[:MAX_FILES])
            task.succeeded.connect(partial(self._on_task_succeeded, ids))

    def _on_task_succeeded(self, ids: Sequence[int], records: list[ImageRecord]) -> None:
        side = side_px(self.tile_px, self.devicePixelRatioF())
        pixmaps = (self._thumbnails.pixmap(record, side) for record in records)
        picture = next((one for one in pixmaps if one is not None), None)
        start_drag(self, drag_data(ids, records, self._files), picture)

    def _on_pictures_dropped(self, ids: Sequence[int], row: int) -> None:
        """Before the first picture from there on that is not itself dragged."""
        behind = (self._model.id_of(one) for one in range(row, self._model.rowCount()))
        moved = set(ids)
        before = next((one for one in behind if one not in moved), None)
        self.move_requested.emit(ids, before)

    def _button_at(self, position: QPoint) -> tuple[str, TileButton] | None:
        """The button under a position, and the id of the job whose it is."""
        index = self.indexAt(position)
        tile = self._model.tile(index.row()) if index.isValid() else None
        if not isinstance(tile, JobTile):
            return None
        button = self._delegate.button_at(self.visualRect(index), tile, position)
        return (tile.job.id, button) if button else None

    def _on_index_double_clicked(self, index: QModelIndex) -> None:
        if index.isValid():
            self.open_requested.emit(index.row())


def _press(commands: PictureCommands, job_id: str, button: TileButton) -> None:
    if button is TileButton.RETRY:
        commands.retry_jobs_requested.emit((job_id,))
    else:
        commands.cancel_jobs_requested.emit((job_id,))


def _menu_position(view: QAbstractItemView, event: QContextMenuEvent) -> QPoint:
    if event.reason() == QContextMenuEvent.Reason.Keyboard:
        rect = view.visualRect(view.currentIndex())
        return view.viewport().mapToGlobal(rect.center())
    return event.globalPos()


def _empty_words(query: LibraryQuery) -> tuple[str, str]:
    """What a gallery without a picture says, and what can be done about it."""
    if query.text == Place(PlaceKind.FAVOURITES).scope:
        return (
            translate("GalleryView", "No favourites yet"),
            translate("GalleryView", "Press F on a picture that you like."),
        )
    if query.text:
        return (
            translate("GalleryView", "No picture matches"),
            translate(
                "GalleryView",
                "Try other words, or fewer of them. Esc in the search field clears it.",
            ),
        )
    if query.trashed:
        return (
            translate("GalleryView", "The trash is empty"),
            translate("GalleryView", "Deleted pictures wait here."),
        )
    if query.album_id is not None:
        return (
            translate("GalleryView", "This album is empty"),
            translate("GalleryView", "Drag pictures onto its name, or press L on them."),
        )
    return (
        translate("GalleryView", "Your pictures will appear here"),
        translate(
            "GalleryView",
            "Write what you want to see, then press {keys}.\n"
            "Other computers can make pictures too: Settings → Servers.",
        ).replace("{keys}", _GENERATE.toString(QKeySequence.SequenceFormat.NativeText)),
    )


_GENERATE = QKeySequence("Ctrl+Enter")
"""macOS writes it in signs of its own."""

_SPECIAL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
