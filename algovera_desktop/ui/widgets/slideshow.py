"""Picture after picture on the whole screen."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSizeF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.models.tile_words import describe_tile
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.theme import SPACE_2, SPACE_4

RecordsById = Callable[[Sequence[int]], list[ImageRecord]]

MIN_SECONDS, MAX_SECONDS = 1.0, 60.0
_SPEEDS_S = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 60.0)
_FADE_MS = 500
_WORDS_MS = 2500
_PAGE = 24
_GIVEN_UP_AFTER = 100
_MOST_ENLARGED = 4.0
"""Smaller pictures stay smaller than the screen: beyond this there is nothing but blur."""

_PRIORITY = 25
_GROUND, _INK, _PLATE = "#000000", "#f2f2f2", "#b0000000"


def is_motion_reduced(widget: QWidget) -> bool:
    """Whether the system asks for no animations, as far as Qt knows."""
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return widget.style().styleHint(hint, None, widget) == 0


class SlideShow(QWidget):
    """Shows pictures by their ids, in that order and from the beginning again, each for some
    seconds; a missing or broken one is passed over.

    ``find`` reads records on a worker. ``decoder`` is for the show alone. Space pauses, the
    arrows go back and forth and, up and down, change the speed; Esc ends the show.

    Signals:
        closed: the id (int) of the picture that was seen last, None if none was. The widget
            deletes itself.
        speed_changed: seconds for each picture, after the user has changed them.
    """

    closed = Signal(object)
    speed_changed = Signal(float)

    def __init__(
        self,
        ids: Sequence[int],
        start: int,
        find: RecordsById,
        decoder: PictureDecoder,
        tasks: Tasks,
        *,
        seconds: float = 5.0,
        reduced_motion: bool | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._ids = ids
        self._find = find
        self._decoder = decoder
        self._tasks = tasks
        self._reduced_motion = reduced_motion
        self._records: dict[int, ImageRecord | None] = {}
        self._pages_under_way: set[int] = set()
        self._wanted_row = start
        self._step = 1
        self._passed_over = 0
        self._shown: tuple[int, ImageRecord, QPixmap] | None = None
        self._before: QPixmap | None = None
        self._words = ""
        self.is_paused = False
        self.seconds = min(max(seconds, MIN_SECONDS), MAX_SECONDS)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.show_next)
        self._words_timer = QTimer(self, singleShot=True, interval=_WORDS_MS)
        self._words_timer.timeout.connect(self._on_words_timer_timeout)
        self._fade = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=_FADE_MS)
        self._fade.valueChanged.connect(self.update)
        self._fade.finished.connect(self._on_fade_finished)
        decoder.decoded.connect(self._on_decoder_decoded)
        self._prepare_window()
        self._go_on()

    def _prepare_window(self) -> None:
        self.setWindowTitle(self.tr("Slideshow"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.BlankCursor)

    @property
    def record(self) -> ImageRecord | None:
        """What is seen now."""
        return self._shown[1] if self._shown else None

    def show_next(self) -> None:
        self._walk(1)

    def show_previous(self) -> None:
        self._walk(-1)

    def set_paused(self, is_paused: bool) -> None:
        """Stay with the picture, or go on."""
        self.is_paused = is_paused
        self._say(self.tr("Paused") if is_paused else self.tr("Playing"))
        self._start_timer()

    def change_speed(self, by: int) -> None:
        """Show each picture one step longer, or shorter with -1."""
        nearest = min(range(len(_SPEEDS_S)), key=lambda at: abs(_SPEEDS_S[at] - self.seconds))
        self.seconds = _SPEEDS_S[min(max(nearest + by, 0), len(_SPEEDS_S) - 1)]
        self._say(self.tr("{0} s each").format(round(self.seconds)))
        self._start_timer()
        self.speed_changed.emit(self.seconds)

    def _walk(self, step: int) -> None:
        if not self._ids:
            return
        self._timer.stop()
        self._step = step
        self._passed_over = 0
        seen = self._shown[0] if self._shown else self._wanted_row
        self._wanted_row = (seen + step) % len(self._ids)
        self._go_on()

    def _go_on(self) -> None:
        """Show the wanted row as soon as its record and its picture are there."""
        while self._ids and self._passed_over <= min(len(self._ids), _GIVEN_UP_AFTER):
            if not self._is_known(self._wanted_row):
                return
            record = self._records[self._wanted_row]
            if record is not None and not self._is_broken(record):
                self._wish()
                self._show_when_decoded(record)
                return
            self._passed_over += 1
            self._wanted_row = (self._wanted_row + self._step) % len(self._ids)
        self._words_timer.stop()
        self._words = self.tr("None of these pictures can be shown.")
        self.update()

    def _is_broken(self, record: ImageRecord) -> bool:
        decoded = self._decoder.picture(record)
        return decoded is not None and decoded.problem is not None

    def _is_known(self, row: int) -> bool:
        """Whether a row's record is at hand; if not it is asked for, with those around it."""
        if row in self._records:
            return True
        page = row // _PAGE
        if page not in self._pages_under_way:
            self._pages_under_way.add(page)
            ids = list(self._ids[page * _PAGE : (page + 1) * _PAGE])
            work = partial(_read, self._find, ids)
            task = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY)
            task.succeeded.connect(partial(self._on_page_read, page, ids))
            task.failed.connect(partial(self._on_page_read, page, ids, []))
        return False

    def _on_page_read(
        self, page: int, ids: list[int], records: list[ImageRecord], _error: object = None
    ) -> None:
        self._pages_under_way.discard(page)
        by_id = {record.id: record for record in records}
        if len(self._records) > 4 * _PAGE:
            self._records.clear()
        for place, image_id in enumerate(ids):
            self._records[page * _PAGE + place] = by_id.get(image_id)
        if self._shown is None or self._shown[0] != self._wanted_row:
            self._go_on()
        else:
            self._wish()

    def _wish(self) -> None:
        """Have the wanted picture decoded, then the one after it, ahead of its time."""
        row, count = self._wanted_row, len(self._ids)
        rows = dict.fromkeys((row, (row + self._step) % count, (row - self._step) % count))
        known = [self._records.get(one) for one in rows if self._is_known(one)]
        self._decoder.set_wanted([record for record in known if record is not None])

    def _show_when_decoded(self, record: ImageRecord) -> None:
        decoded = self._decoder.picture(record)
        pixmap = self._fitting(decoded.overview, decoded.full) if decoded else None
        if pixmap is None:
            return
        self._passed_over = 0
        is_another = self._shown is not None and self._shown[1].sha256 != record.sha256
        self._before = self._shown[2] if self._shown and is_another else None
        self._shown = (self._wanted_row, record, pixmap)
        self.setAccessibleName(describe_tile(record))
        if self._before is not None and not self._is_still():
            self._fade.start()
        else:
            self._before = None
        self._start_timer()
        self.update()

    def _fitting(self, overview: QPixmap | None, full: QPixmap | None) -> QPixmap | None:
        """The smaller one where that is sharp enough for this screen."""
        if overview is None or full is None:
            return None
        longer_px = max(self.width(), self.height()) * self.devicePixelRatioF()
        return overview if max(overview.width(), overview.height()) >= longer_px else full

    def _is_still(self) -> bool:
        return is_motion_reduced(self) if self._reduced_motion is None else self._reduced_motion

    def _start_timer(self) -> None:
        if self.is_paused or self._shown is None:
            self._timer.stop()
        else:
            self._timer.start(round(self.seconds * 1000))

    def _say(self, words: str) -> None:
        place = ""
        if self._shown is not None:
            place = f"{self._shown[0] + 1:n} / {len(self._ids):n}"
        self._words = "   ".join(filter(None, (words, place)))
        self.setAccessibleDescription(self._words)
        if self.is_paused:
            self._words_timer.stop()
        else:
            self._words_timer.start()
        self.update()

    def _on_words_timer_timeout(self) -> None:
        self._words = ""
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.update()

    def _on_fade_finished(self) -> None:
        self._before = None
        self.update()

    def _on_decoder_decoded(self, sha256: str) -> None:
        record = self._records.get(self._wanted_row)
        is_waited_for = self._shown is None or self._shown[0] != self._wanted_row
        if is_waited_for and record is not None and record.sha256 == sha256:
            self._go_on()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(_GROUND))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        share = 1.0 if self._before is None else float(self._fade.currentValue())
        if self._before is not None:
            painter.setOpacity(1.0 - share)
            self._paint_pixmap(painter, self._before)
        if self._shown is not None:
            painter.setOpacity(share)
            self._paint_pixmap(painter, self._shown[2])
        painter.setOpacity(1.0)
        if self._words:
            self._paint_words(painter)

    def _paint_pixmap(self, painter: QPainter, pixmap: QPixmap) -> None:
        """As large as the screen, but no more than a few times the picture's own size."""
        size = QSizeF(pixmap.size()) / self.devicePixelRatioF() * _MOST_ENLARGED
        room = QSizeF(self.size())
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(self.rect()).center())
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))

    def _paint_words(self, painter: QPainter) -> None:
        metrics = self.fontMetrics()
        plate = metrics.boundingRect(self._words).adjusted(-SPACE_4, -SPACE_2, SPACE_4, SPACE_2)
        plate.moveCenter(self.rect().center())
        plate.moveBottom(self.height() - 2 * SPACE_4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_PLATE))
        painter.drawRoundedRect(plate, SPACE_2, SPACE_2)
        painter.setPen(QColor(_INK))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        actions: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Escape: self.close,
            Qt.Key.Key_Space: lambda: self.set_paused(not self.is_paused),
            Qt.Key.Key_Right: self.show_next,
            Qt.Key.Key_PageDown: self.show_next,
            Qt.Key.Key_Left: self.show_previous,
            Qt.Key.Key_PageUp: self.show_previous,
            Qt.Key.Key_Up: lambda: self.change_speed(-1),
            Qt.Key.Key_Down: lambda: self.change_speed(1),
        }
        action = actions.get(Qt.Key(event.key()))
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.unsetCursor()
        if not self._words_timer.isActive():
            self._say(self.tr("Paused") if self.is_paused else "")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._words_timer.stop()
        self._fade.stop()
        self._decoder.forget_all()
        self.closed.emit(self.record.id if self.record else None)
        super().closeEvent(event)


def _read(find: RecordsById, ids: list[int], _context: TaskContext) -> list[ImageRecord]:
    return find(ids)
