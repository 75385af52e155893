"""Two to four pictures side by side, always with the same part of each in sight."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.images import MAX_RATING, ImageRecord
from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.models.tile_words import (
    describe_tile,
    percent,
    prompt_excerpt,
)
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.difference_table import DifferenceTable
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

MOST_COMPARED = 4
LETTERS = "ABCD"
_FOCUS_WIDTH = 2
_SMALLEST_SIDE = 96
_FIRST_HEIGHTS = (600, 200)
_RATING_KEYS = {Qt.Key(Qt.Key.Key_0 + stars): stars for stars in range(MAX_RATING + 1)}


class ComparePane(QWidget):
    """One of the compared pictures with its letter, prompt and stars. It can have the focus."""

    def __init__(self, letter: str, themes: ThemeController, parent: QWidget) -> None:
        super().__init__(parent)
        self.letter = letter
        self.record: ImageRecord | None = None
        self._themes = themes
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = PictureCanvas(themes, self)
        self.canvas.setMinimumSize(_SMALLEST_SIDE, _SMALLEST_SIDE)
        name = QLabel(f"<b>{letter}</b>", self)
        self._prompt = ElidedLabel(self)
        self._marks = QLabel(self)
        self._marks.setProperty("tone", "muted")
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE_2, SPACE_1, SPACE_2, SPACE_1)
        foot.setSpacing(SPACE_2)
        foot.addWidget(name)
        foot.addWidget(self._prompt, 1)
        foot.addWidget(self._marks)
        column = QVBoxLayout(self)
        column.setContentsMargins(_FOCUS_WIDTH, _FOCUS_WIDTH, _FOCUS_WIDTH, _FOCUS_WIDTH)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addLayout(foot)

    def show_record(self, record: ImageRecord | None) -> None:
        """Show another picture, fitted, or none."""
        self.record = record
        if record is not None:
            self.canvas.show_picture(QSizeF(record.width, record.height))
            self.show_marks(record)
        else:
            self.canvas.show_words("", "")

    def show_marks(self, record: ImageRecord) -> None:
        """Show the same picture's prompt, and its stars and heart as they are now."""
        self.record = record
        stars = "★" * record.rating + "☆" * (MAX_RATING - record.rating) if record.rating else ""
        heart = "♥" if record.is_favourite else ""
        self._prompt.setText(prompt_excerpt(record))
        self._marks.setText(f"{stars} {heart}".strip())
        told = [f"{self.letter}: {describe_tile(record)}"]
        if record.rating:
            told.append(self.tr("{0} of {1} stars").format(record.rating, MAX_RATING))
        if record.is_favourite:
            told.append(self.tr("favourite"))
        self.setAccessibleName(", ".join(told))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.hasFocus():
            pen = QPen(QColor(self._themes.theme.focus), _FOCUS_WIDTH)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


class CompareView(QWidget):
    """Shows pictures beside each other and in what their parameters differ. ``current`` is the
    pane that keys act on.

    Signals:
        closed: the user wants back to where they came from.
        swipe_requested: the two pictures shall lie upon each other.
        favourite_requested: the id (int) of a picture and whether it shall be one (bool).
        rating_requested: the id (int) of a picture and its stars (int).
    """

    closed = Signal()
    swipe_requested = Signal()
    favourite_requested = Signal(object, bool)
    rating_requested = Signal(object, int)

    def __init__(
        self,
        thumbnails: ThumbnailLoader,
        decoder: PictureDecoder,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._decoder = decoder
        self._themes = themes
        self._is_following = False
        self.panes = [ComparePane(letter, themes, self) for letter in LETTERS]
        self.current = self.panes[0]
        self._table = DifferenceTable(self)
        self._scale = QLabel(self)
        self._scale.setProperty("tone", "muted")
        self._swipe = picture_button(self.tr("Lay them upon each other (W)"), self)
        self._fit = picture_button(self.tr("Fit or actual pixels (Z)"), self)
        self._facts = picture_button(self.tr("Show in what they differ (D)"), self)
        self._facts.setCheckable(True)
        self._facts.setChecked(True)
        self._close = picture_button(self.tr("Back (Esc)"), self)
        self._lay_out()
        self._connect()
        self._dress()

    @property
    def records(self) -> list[ImageRecord]:
        return [pane.record for pane in self.panes if pane.record is not None]

    def show_records(self, records: Sequence[ImageRecord]) -> None:
        """Compare two to MOST_COMPARED pictures."""
        shown = records[:MOST_COMPARED]
        self._decoder.set_wanted(shown)
        self._arrange(len(shown))
        for pane, record in zip(self.panes, [*shown, None, None, None, None], strict=False):
            pane.setVisible(record is not None)
            pane.show_record(record)
            if record is not None:
                self._fill(pane)
        self._table.show_records(shown, LETTERS[: len(shown)])
        self._swipe.setVisible(len(shown) == 2)
        self._go_to(self.panes[0])

    def update_record(self, record: ImageRecord) -> None:
        """Show what has become of a picture's stars and heart, if it is among these."""
        for pane in self.panes:
            if pane.record is not None and pane.record.id == record.id:
                pane.show_marks(record)

    def close_view(self) -> None:
        """Let go of the pictures and ask for the way back."""
        self.let_go()
        self.closed.emit()

    def let_go(self) -> None:
        """Give the memory back."""
        for pane in self.panes:
            pane.show_record(None)
        self._decoder.forget_all()

    def _lay_out(self) -> None:
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(1)
        pictures = QWidget(self)
        pictures.setLayout(self._grid)
        self._rows = QSplitter(Qt.Orientation.Vertical, self)
        self._rows.setHandleWidth(1)
        self._rows.setChildrenCollapsible(False)
        self._rows.addWidget(pictures)
        self._rows.addWidget(self._table)
        self._rows.setStretchFactor(0, 1)
        self._rows.setSizes([*_FIRST_HEIGHTS])
        buttons = (self._swipe, self._fit, self._facts, self._close)
        lay_out(self, self._rows, ((self._scale, 1),), buttons)

    def _arrange(self, count: int) -> None:
        """Two or three in a row, four in two rows."""
        columns = 2 if count == MOST_COMPARED else max(count, 1)
        for number, pane in enumerate(self.panes):
            self._grid.removeWidget(pane)
            if number < count:
                self._grid.addWidget(pane, number // columns, number % columns)
        for column in range(MOST_COMPARED):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for row in range(2):
            self._grid.setRowStretch(row, 1 if row * columns < count else 0)
        self._columns = columns

    def _connect(self) -> None:
        for pane in self.panes:
            pane.canvas.zoomed.connect(self._on_canvas_zoomed)
            pane.installEventFilter(self)
            pane.canvas.installEventFilter(self)
        self._decoder.decoded.connect(self._on_picture_changed)
        self._thumbnails.changed.connect(self._on_picture_changed)
        self._swipe.clicked.connect(self.swipe_requested)
        self._fit.clicked.connect(self._toggle_zoom)
        self._facts.toggled.connect(self._table.setVisible)
        self._table.height_changed.connect(self._on_table_height_changed)
        self._close.clicked.connect(self.close_view)
        self._themes.changed.connect(self._dress)

    def _dress(self) -> None:
        theme = self._themes.theme
        self._swipe.setIcon(icon("layers", theme))
        self._fit.setIcon(icon("maximize", theme))
        self._facts.setIcon(icon("info", theme))
        self._close.setIcon(icon("x", theme))

    def _fill(self, pane: ComparePane) -> None:
        if pane.record is not None:
            fill(pane.canvas, pane.record, self._decoder, self._thumbnails)

    def _on_picture_changed(self, sha256: str) -> None:
        for pane in self.panes:
            if pane.record is not None and pane.record.sha256 == sha256:
                self._fill(pane)

    def _on_canvas_zoomed(self) -> None:
        leader = self.sender()
        if self._is_following or not isinstance(leader, PictureCanvas) or not leader.shows_picture:
            return
        self._is_following = True
        for pane in self.panes:
            if pane.canvas is not leader and pane.record is not None:
                pane.canvas.follow(leader.zoom)
        self._is_following = False
        self._scale.setText(percent(leader.zoom.scale))

    def _on_table_height_changed(self, height: int) -> None:
        """What the table does not need is the pictures'."""
        low = min(height, _FIRST_HEIGHTS[1])
        self._rows.setSizes([max(self._rows.height() - low, 1), low])

    def _toggle_zoom(self) -> None:
        self.current.canvas.toggle_zoom()

    def _go_to(self, pane: ComparePane) -> None:
        self.current = pane
        pane.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press on a picture gives it the focus; a double click zooms all of them."""
        kind = event.type()
        if isinstance(watched, ComparePane) and kind == QEvent.Type.FocusIn:
            self.current = watched
        elif isinstance(watched, PictureCanvas) and isinstance(event, QMouseEvent):
            pane = watched.parentWidget()
            if kind == QEvent.Type.MouseButtonPress and isinstance(pane, ComparePane):
                self._go_to(pane)
            elif kind == QEvent.Type.MouseButtonDblClick:
                self._toggle_zoom()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_command(event) or not (
            self._move(event)
            or self._mark(event)
            or zoom(self.current.canvas, event)
            or self._act(event)
        ):
            super().keyPressEvent(event)

    def _move(self, event: QKeyEvent) -> bool:
        """Arrows go from picture to picture; with Shift they move what is seen of them."""
        step = direction_of(event)
        if step is None:
            return False
        if is_shifted(event):
            pan(self.current.canvas, step)
            return True
        target = self.panes.index(self.current) + step[0] + step[1] * self._columns
        if 0 <= target < len(self.records):
            self._go_to(self.panes[target])
        return True

    def _mark(self, event: QKeyEvent) -> bool:
        record = self.current.record
        stars = _RATING_KEYS.get(Qt.Key(event.key()))
        if record is None:
            return False
        if stars is not None:
            self.rating_requested.emit(record.id, stars)
        elif event.key() == Qt.Key.Key_F:
            self.favourite_requested.emit(record.id, not record.is_favourite)
        else:
            return False
        return True

    def _act(self, event: QKeyEvent) -> bool:
        actions = {
            Qt.Key.Key_Escape: self.close_view,
            Qt.Key.Key_D: self._facts.toggle,
            Qt.Key.Key_W: self._swipe.click,
        }
        action = actions.get(Qt.Key(event.key()))
        if action:
            action()
        return action is not None
