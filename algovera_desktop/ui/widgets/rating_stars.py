"""Five stars to rate with."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from algovera_desktop.domain.images import MAX_RATING
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, ThemeController

_CELL = ICON_SIDE + 2 * SPACE_1
_STEPS = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Plus: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Minus: -1,
}


class RatingStars(QSlider):
    """Shows a rating from 0 to MAX_RATING, or that several pictures differ, and asks for another.

    A slider, so that a screen reader says it and what it stands at. Arrows go by one, digits
    say it, Del takes it away; a click on the star that stands last takes it away too.

    Signals:
        rated: the rating that the user chose.
    """

    rated = Signal(int)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._themes = themes
        self._is_mixed = False
        self._hovered = 0
        self.setRange(0, MAX_RATING)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setToolTip(self.tr("Rating · 0 to 5"))
        themes.changed.connect(self.update)
        self.show_rating(0)

    def show_rating(self, rating: int | None) -> None:
        """Show a rating; None where several pictures have different ones."""
        self._is_mixed = rating is None
        self.setValue(rating or 0)
        words = self.tr("mixed") if rating is None else self._words(rating)
        self.setAccessibleName(self.tr("Rating: {stars}").format(stars=words))
        self.update()

    @property
    def is_mixed(self) -> bool:
        return self._is_mixed

    def _words(self, rating: int) -> str:
        return self.tr("{n} of {most}").format(n=rating, most=MAX_RATING)

    def _rate(self, rating: int) -> None:
        rating = min(max(rating, 0), MAX_RATING)
        if self._is_mixed or rating != self.value():
            self.show_rating(rating)
            self.rated.emit(rating)

    # Mouse and keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_0
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.ignore()
        elif 0 <= digit <= MAX_RATING:
            self._rate(digit)
        elif event.key() in _STEPS:
            self._rate(self.value() + _STEPS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Home):
            self._rate(0)
        elif event.key() == Qt.Key.Key_End:
            self._rate(MAX_RATING)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        star = self._star_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and star:
            self._rate(0 if star == self.value() and not self._is_mixed else star)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._star_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling past it must not rate.
        event.ignore()

    def _hover(self, star: int) -> None:
        if star != self._hovered:
            self._hovered = star
            self.update()

    def _star_at(self, x: float) -> int:
        """The star at a place, 1 for the first; 0 for none."""
        for star in range(1, MAX_RATING + 1):
            if self._cell(star).left() <= x <= self._cell(star).right():
                return star
        return 0

    # Geometry and painting

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.tr("mixed"))
        return QSize(MAX_RATING * _CELL + SPACE_2 + words, _CELL)

    def minimumSizeHint(self) -> QSize:
        return QSize(MAX_RATING * _CELL, _CELL)

    def _cell(self, star: int) -> QRect:
        place = star - 1
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            return QRect(self.width() - (place + 1) * _CELL, 0, _CELL, _CELL)
        return QRect(place * _CELL, 0, _CELL, _CELL)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        shown = self._hovered or self.value()
        for star in range(1, MAX_RATING + 1):
            is_given = star <= shown
            tone = "disabled" if not self.isEnabled() else "accent" if is_given else "muted"
            face = self._cell(star).adjusted(SPACE_1, SPACE_1, -SPACE_1, -SPACE_1)
            icon("star", theme, tone, is_filled=is_given).paint(painter, face)
        if self._is_mixed and not self._hovered:
            painter.setPen(QColor(theme.muted))
            stars = self._cell(1).united(self._cell(MAX_RATING))
            painter.drawText(
                self.rect().adjusted(stars.width() + SPACE_1, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter,
                self.tr("mixed"),
            )
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.focus), 2))
            ring = self._cell(1).united(self._cell(MAX_RATING)).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(ring, 4, 4)
