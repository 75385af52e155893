"""Two pictures upon each other, with a line between them that is moved from side to side."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QSlider, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.models.tile_words import describe_tile, problem_words, prompt_excerpt
from algovera_desktop.ui.picture_decoder import DecodedPicture, PictureDecoder
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.elided_label import ElidedLabel
from algovera_desktop.ui.widgets.picture_canvas import PictureCanvas
from algovera_desktop.ui.widgets.picture_frame import STAND_IN_SIDE_PX, lay_out, picture_button
from algovera_desktop.ui.widgets.picture_keys import (
    direction_of,
    is_command,
    is_shifted,
    pan,
    zoom,
)

_STEPS = 1000
_KEY_STEP = 20
_GRASP = 12.0
_LINE_WIDTH = 2
_KNOB_SIDE = 24.0
_SLIDER_WIDTH = 240


class SwipeCanvas(PictureCanvas):
    """Paints the first picture left of a line and the second one right of it.

    Signals:
        divided: where the line is now, 0.0 (left) to 1.0, after the user has moved it.
    """

    divided = Signal(float)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._after = DecodedPicture()
        self._after_stand_in: QPixmap | None = None
        self._share = 0.5
        self._is_held = False
        self.setMouseTracking(True)

    def set_after(self, picture: DecodedPicture | None, stand_in: QPixmap | None) -> None:
        """The second picture, or what stands in for it."""
        self._after = picture or DecodedPicture()
        self._after_stand_in = stand_in
        self.update()

    def set_share(self, share: float) -> None:
        """Put the line at a share of the width."""
        self._share = min(max(share, 0.0), 1.0)
        self.update()

    def _line_x(self) -> float:
        return self._share * self.width()

    def _paint_picture(self, painter: QPainter) -> None:
        x = self._line_x()
        left = QRectF(0, 0, x, self.height())
        right = QRectF(x, 0, self.width() - x, self.height())
        for area, picture, stand_in in (
            (left, self._picture, self._stand_in),
            (right, self._after, self._after_stand_in),
        ):
            painter.save()
            painter.setClipRect(area)
            self._paint_pixmap(painter, self._best_pixmap(picture, stand_in))
            painter.restore()
        self._paint_line(painter, x)

    def _paint_line(self, painter: QPainter, x: float) -> None:
        theme = self._themes.theme
        ground, ink = QColor(theme.raised), QColor(theme.text)
        painter.fillRect(QRectF(x - _LINE_WIDTH, 0, 2 * _LINE_WIDTH, self.height()), ground)
        painter.fillRect(QRectF(x - _LINE_WIDTH / 2, 0, _LINE_WIDTH, self.height()), ink)
        knob = QRectF(0, 0, _KNOB_SIDE, _KNOB_SIDE)
        knob.moveCenter(QPointF(x, self.height() / 2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.outline))
        painter.setBrush(ground)
        painter.drawEllipse(knob)
        side = QSize(ICON_SIDE, ICON_SIDE)
        arrows = icon("arrow-left-right", theme).pixmap(side, self.devicePixelRatioF())
        corner = knob.center() - QPointF(ICON_SIDE / 2, ICON_SIDE / 2)
        painter.drawPixmap(QRectF(corner, QSizeF(side)).toRect(), arrows)

    def _is_at_line(self, position: QPointF) -> bool:
        return self.shows_picture and abs(position.x() - self._line_x()) <= _GRASP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and self._is_at_line(event.position()):
            self._is_held = True
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_held:
            self.set_share(event.position().x() / max(self.width(), 1))
            self.divided.emit(self._share)
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._dress_cursor()
            if self._is_at_line(event.position()):
                self.setCursor(Qt.CursorShape.SplitHCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_held = False
        super().mouseReleaseEvent(event)


class SwipeView(QWidget):
    """Shows two pictures upon each other; the second is stretched over the first where their
    sizes differ.

    Signals:
        closed: the user wants back to where they came from.
        side_by_side_requested: the two shall lie beside each other.
    """

    closed = Signal()
    side_by_side_requested = Signal()

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
        self.records: list[ImageRecord] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = SwipeCanvas(themes, self)
        self._before, self._after = ElidedLabel(self), ElidedLabel(self)
        self._after.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(_STEPS // 10)
        self.slider.setSingleStep(_KEY_STEP)
        self.slider.setMaximumWidth(_SLIDER_WIDTH)
        self.slider.setAccessibleName(self.tr("How much of the first picture is seen"))
        self._swap = picture_button(self.tr("Change sides (X)"), self)
        self._beside = picture_button(self.tr("Lay them side by side (W)"), self)
        self._close = picture_button(self.tr("Back (Esc)"), self)
        self._lay_out()
        self._connect()
        self._dress()

    def show_records(self, records: Sequence[ImageRecord]) -> None:
        """Show two pictures, the line in the middle."""
        before, after = self.records = list(records[:2])
        self._decoder.set_wanted(self.records)
        self.canvas.show_picture(QSizeF(before.width, before.height))
        self._before.setText(f"A  {prompt_excerpt(before)}")
        self._after.setText(f"{prompt_excerpt(after)}  B")
        self.setAccessibleName(f"A: {describe_tile(before)}. B: {describe_tile(after)}")
        self.slider.setValue(_STEPS // 2)
        self._fill()
        self.setFocus()

    def close_view(self) -> None:
        """Let go of the pictures and ask for the way back."""
        self.let_go()
        self.closed.emit()

    def let_go(self) -> None:
        """Give the memory back."""
        self.records = []
        self.canvas.show_words("", "")
        self.canvas.set_after(None, None)
        self._decoder.forget_all()

    def _lay_out(self) -> None:
        words = ((self._before, 1), (self.slider, 1), (self._after, 1))
        lay_out(self, self.canvas, words, (self._swap, self._beside, self._close))

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.canvas.divided.connect(self._on_canvas_divided)
        self._swap.clicked.connect(self._change_sides)
        self._beside.clicked.connect(self.side_by_side_requested)
        self._close.clicked.connect(self.close_view)
        self._decoder.decoded.connect(self._on_picture_changed)
        self._thumbnails.changed.connect(self._on_picture_changed)
        self._themes.changed.connect(self._dress)

    def _dress(self) -> None:
        theme = self._themes.theme
        self._swap.setIcon(icon("arrow-left-right", theme))
        self._beside.setIcon(icon("panel-left", theme))
        self._close.setIcon(icon("x", theme))

    def _fill(self) -> None:
        before, after = (self._decoder.picture(record) for record in self.records)
        for decoded, record in ((before, self.records[0]), (after, self.records[1])):
            if decoded and decoded.problem:
                self.canvas.show_words(problem_words(decoded.problem), record.path)
                return
        stand_ins = [self._thumbnails.pixmap(one, STAND_IN_SIDE_PX) for one in self.records]
        self.canvas.set_stand_in(stand_ins[0])
        if before is not None:
            self.canvas.set_picture(before)
        self.canvas.set_after(after, stand_ins[1])

    def _change_sides(self) -> None:
        share = self.slider.value()
        self.show_records(self.records[::-1])
        self.slider.setValue(share)

    def _on_picture_changed(self, sha256: str) -> None:
        if any(record.sha256 == sha256 for record in self.records):
            self._fill()

    def _on_slider_value_changed(self, value: int) -> None:
        self.canvas.set_share(value / _STEPS)

    def _on_canvas_divided(self, share: float) -> None:
        self.slider.setValue(round(share * _STEPS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_command(event) or not (
            self._move(event) or zoom(self.canvas, event) or self._act(event)
        ):
            super().keyPressEvent(event)

    def _move(self, event: QKeyEvent) -> bool:
        """Left and right move the line; with Shift, or up and down, what is seen is moved."""
        step = direction_of(event)
        if step is None:
            return False
        if step[1] or is_shifted(event):
            pan(self.canvas, step)
        else:
            self.slider.setValue(self.slider.value() + step[0] * _KEY_STEP)
        return True

    def _act(self, event: QKeyEvent) -> bool:
        actions = {
            Qt.Key.Key_Escape: self.close_view,
            Qt.Key.Key_X: self._change_sides,
            Qt.Key.Key_W: self.side_by_side_requested.emit,
        }
        action = actions.get(Qt.Key(event.key()))
        if action:
            action()
        return action is not None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.canvas.toggle_zoom()
