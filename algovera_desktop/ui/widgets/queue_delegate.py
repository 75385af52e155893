"""Paints the queue panel's rows: servers, and the jobs below each."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from algovera_desktop.domain.jobs import ACTIVE_STATES, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.models.queue_items import JobRow, ServerRow
from algovera_desktop.ui.models.queue_model import QueueRole
from algovera_desktop.ui.models.queue_words import (
    again_words,
    close_words,
    detail_words,
    is_being_changed,
    is_held,
    pause_words,
    prompt_line,
    request_line,
    server_counts_words,
    server_name,
    server_state_words,
    state_words,
    try_again_words,
)
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, Theme, ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.queue_row_layout import (
    RowButton,
    RowLayout,
    button_rect,
    buttons_of,
    lay_out,
    row_height,
)

_RADIUS = 4
_RING_WIDTH = 3


class QueueDelegate(QStyledItemDelegate):
    """Paints one row in one pass, with what the model and the loader have at hand.

    ``pointer`` is where the mouse is in the view, for the button under it.
    """

    def __init__(
        self, thumbnails: ThumbnailLoader, themes: ThemeController, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.pointer: QPoint | None = None
        self._thumbnails = thumbnails
        self._themes = themes
        self._icons: dict[tuple[str, str, float], QPixmap] = {}
        themes.changed.connect(self._on_themes_changed)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(0, row_height(QFontMetrics(option.font)))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row = index.data(QueueRole.ROW)
        layout = lay_out(option.rect, QFontMetrics(option.font))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, isinstance(row, ServerRow))
        if isinstance(row, ServerRow):
            self._paint_server(painter, layout, row, option.font)
        else:
            self._paint_job(painter, layout, row, option.font)
        is_hot = bool(option.state & (_OVER | _FOCUS))
        self._paint_buttons(painter, layout, row, is_hot, option.font)
        painter.restore()

    def button_at(
        self, rect: QRect, row: JobRow | ServerRow, font: QFont, position: QPoint
    ) -> RowButton | None:
        """The button under a position, for a row that is seen at ``rect``."""
        layout = lay_out(rect, QFontMetrics(font))
        for button in buttons_of(row, is_hot=True):
            if button_rect(layout, button).contains(position):
                return button
        return None

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        row = index.data(QueueRole.ROW) if index.isValid() else None
        if isinstance(row, JobRow) and event.type() == QEvent.Type.ToolTip:
            rect = view.visualRect(index)
            if self.button_at(rect, row, view.font(), event.pos()) is RowButton.CLOSE:
                QToolTip.showText(event.globalPos(), close_words(row), view)
                return True
        return super().helpEvent(event, view, option, index)

    @property
    def _theme(self) -> Theme:
        return self._themes.theme

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, is_header: bool
    ) -> None:
        rect, theme = option.rect, self._theme
        if option.state & _SELECTED:
            painter.fillRect(rect, QColor(theme.selection))
        elif is_header:
            painter.fillRect(rect, QColor(theme.background))
        elif option.state & _OVER:
            painter.fillRect(rect, QColor(theme.hover))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.line))
        if option.state & _FOCUS:
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def _paint_server(
        self, painter: QPainter, layout: RowLayout, row: ServerRow, font: QFont
    ) -> None:
        name = "monitor" if row.server_id == LOCAL_SERVER_ID else "server"
        self._paint_icon(painter, layout.face, name, "text")
        room = QRect(layout.words)
        room.setRight(layout.state.right())
        if row.can_try_again:
            room.setRight(layout.second_button.left() - SPACE_2)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        title, state = server_name(row), server_state_words(row)
        drawn = _draw(painter, room, 0, bold, self._theme.text, title)
        if state:
            beside = room.adjusted(drawn + SPACE_3, 0, 0, 0)
            tone = self._theme.warning if row.held_by else self._theme.muted
            _draw(painter, beside, 0, font, tone, state)
        _draw(painter, room, 1, font, self._theme.muted, server_counts_words(row))

    def _paint_job(self, painter: QPainter, layout: RowLayout, row: JobRow, font: QFont) -> None:
        theme = self._theme
        self._paint_face(painter, layout.face, row)
        prompt = theme.muted if row.job.state is JobState.CANCELLED else theme.text
        _draw(painter, layout.words, 0, font, prompt, prompt_line(row))
        _draw(painter, layout.words, 1, font, theme.muted, request_line(row))
        self._paint_state(painter, layout.state, row, font)

    def _paint_state(self, painter: QPainter, area: QRect, row: JobRow, font: QFont) -> None:
        theme, line = self._theme, QFontMetrics(font).lineSpacing()
        detail = detail_words(row)
        if not detail:
            area = area.adjusted(0, line // 2, 0, 0)
        mark = QRect(area.left(), area.top() + (line - ICON_SIDE) // 2, ICON_SIDE, ICON_SIDE)
        name, tone = _mark_of(row)
        painter.drawPixmap(mark, self._icon(painter, name, tone))
        text = area.adjusted(ICON_SIDE + SPACE_2, 0, 0, 0)
        is_over = row.job.state in (JobState.DONE, JobState.CANCELLED)
        _draw(painter, text, 0, font, theme.muted if is_over else theme.text, state_words(row))
        _draw(painter, text, 1, font, theme.muted, detail)

    def _paint_face(self, painter: QPainter, face: QRect, row: JobRow) -> None:
        if row.picture is not None:
            side = max(face.width(), face.height())
            scale = painter.device().devicePixelRatioF()
            pixmap = self._thumbnails.pixmap(row.picture, round(side * scale))
            if pixmap is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawPixmap(_fitted(face, pixmap.size()), pixmap)
                return
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.setBrush(QColor(self._theme.raised))
        painter.drawRoundedRect(face.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if row.job.state in ACTIVE_STATES:
            self._paint_ring(painter, face, _share(row))
        else:
            self._paint_icon(painter, face, "image", "disabled")

    def _paint_ring(self, painter: QPainter, face: QRect, share: float) -> None:
        side = min(face.width(), face.height()) * 0.55
        ring = QRectF(0, 0, side, side)
        ring.moveCenter(face.toRectF().center())
        pen = QPen(QColor(self._theme.line), _RING_WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawEllipse(ring)
        pen.setColor(QColor(self._theme.accent))
        painter.setPen(pen)
        # Qt counts in sixteenths of a degree, from three o'clock and against the clock.
        painter.drawArc(ring, 90 * 16, -round(share * 360 * 16))

    def _paint_buttons(
        self,
        painter: QPainter,
        layout: RowLayout,
        row: JobRow | ServerRow,
        is_hot: bool,
        font: QFont,
    ) -> None:
        for button in buttons_of(row, is_hot=is_hot):
            rect = button_rect(layout, button)
            is_under = self.pointer is not None and rect.contains(self.pointer)
            if button is RowButton.CLOSE:
                self._paint_close(painter, rect, is_under)
            else:
                self._paint_button(painter, rect, _button_words(row, button), is_under, font)

    def _paint_close(self, painter: QPainter, rect: QRect, is_under: bool) -> None:
        if is_under:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.line))
            painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        self._paint_icon(painter, rect, "x", "text")

    def _paint_button(
        self, painter: QPainter, rect: QRect, words: str, is_under: bool, font: QFont
    ) -> None:
        painter.setPen(QPen(QColor(self._theme.outline), 1))
        painter.setBrush(QColor(self._theme.hover if is_under else self._theme.raised))
        painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_icon(self, painter: QPainter, area: QRect, name: str, tone: str) -> None:
        place = QRect(0, 0, ICON_SIDE, ICON_SIDE)
        place.moveCenter(area.center())
        painter.drawPixmap(place, self._icon(painter, name, tone))

    def _icon(self, painter: QPainter, name: str, tone: str) -> QPixmap:
        key = (name, tone, painter.device().devicePixelRatioF())
        if key not in self._icons:
            source = icon(name, self._theme, tone)
            self._icons[key] = source.pixmap(QSize(ICON_SIDE, ICON_SIDE), key[2])
        return self._icons[key]

    def _on_themes_changed(self) -> None:
        self._icons.clear()


def _draw(painter: QPainter, area: QRect, line: int, font: QFont, colour: str, words: str) -> int:
    """Write one of an area's lines, cut short where there is no room; returns its width."""
    metrics = QFontMetrics(font)
    spacing = metrics.lineSpacing()
    rect = QRect(area.left(), area.top() + line * spacing, area.width(), spacing)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)
    return metrics.horizontalAdvance(shown)


def _fitted(face: QRect, size: QSize) -> QRect:
    fitted = QRect(face.topLeft(), size.scaled(face.size(), Qt.AspectRatioMode.KeepAspectRatio))
    fitted.moveCenter(face.center())
    return fitted


def _share(row: JobRow) -> float:
    if row.job.state is JobState.FETCHING:
        return 1.0
    return (row.progress.progress or 0.0) if row.progress else 0.0


def _mark_of(row: JobRow) -> tuple[str, str]:
    if is_being_changed(row):
        return ("pencil", "muted")
    if is_held(row):
        return ("pause", "warning")
    if row.progress is not None and row.progress.queue_position:
        return _MARKS[JobState.WAITING]
    return _MARKS[row.job.state]


def _button_words(row: JobRow | ServerRow, button: RowButton) -> str:
    if isinstance(row, JobRow):
        return again_words(row)
    return pause_words(row) if button is RowButton.PAUSE else try_again_words()


_SELECTED = QStyle.StateFlag.State_Selected
_FOCUS = QStyle.StateFlag.State_HasFocus
_OVER = QStyle.StateFlag.State_MouseOver
_MARKS = {
    JobState.WAITING: ("clock", "muted"),
    JobState.HELD: ("pause", "warning"),
    JobState.SUBMITTING: ("send", "muted"),
    JobState.RUNNING: ("play", "muted"),
    JobState.FETCHING: ("download", "muted"),
    JobState.DONE: ("circle-check", "success"),
    JobState.FAILED: ("triangle-alert", "danger"),
    JobState.UNKNOWN: ("circle-question-mark", "warning"),
    JobState.CANCELLED: ("ban", "muted"),
}
