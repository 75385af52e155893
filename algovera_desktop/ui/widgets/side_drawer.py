"""A list beside what it is for; over it where there is no room beside it."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from algovera_desktop.domain.settings import SideListWish

_ROOM_BY_ITSELF = 860
"""From this width in pixels on the list stands open unless the user closed it."""

_ROOM_BESIDE = 520
_CHARS = 34


class SideDrawer(QWidget):
    """Beside ``content`` a list takes its own width. In a narrow window it never does: there it
    opens over the content, and closes once something is chosen.

    Signals:
        shown_changed: whether the list is to be seen.
    """

    shown_changed = Signal(bool)

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wish = SideListWish.BY_WIDTH
        self._is_over = False
        self._content = content
        content.setParent(self)
        self._frame = QFrame(self)
        self._frame.setProperty("look", "drawer")
        self._column = QVBoxLayout(self._frame)
        self._column.setContentsMargins(0, 0, 1, 0)
        self._frame.hide()

    def put(self, side: QWidget) -> None:
        """Put the list in; until then its room is kept."""
        self._column.addWidget(side)
        self._frame.setFocusProxy(side)

    def set_wish(self, wish: SideListWish) -> None:
        """Take over what the user wished for; in a narrow window it stays closed."""
        self._wish = wish
        self._is_over = False
        self._arrange()

    def toggle(self) -> SideListWish:
        """Open or close it, and tell what is now to be remembered."""
        if self.is_narrow:
            self._is_over = not self._is_over
        else:
            self._wish = SideListWish.HIDDEN if self.is_shown else SideListWish.SHOWN
        self._arrange()
        if self.is_shown:
            self._frame.setFocus(Qt.FocusReason.OtherFocusReason)
        return self._wish

    def open(self) -> None:
        """Have the list to be seen, for what is to be typed into it."""
        if not self.is_shown:
            self.toggle()

    def close_over(self) -> None:
        """Close the list where it covers the content."""
        self._is_over = False
        self._arrange()

    @property
    def is_narrow(self) -> bool:
        """Whether the list has no room beside the content."""
        return self.width() < _ROOM_BESIDE

    @property
    def is_shown(self) -> bool:
        if self.is_narrow:
            return self._is_over
        if self._wish is SideListWish.BY_WIDTH:
            return self.width() >= _ROOM_BY_ITSELF
        return self._wish is SideListWish.SHOWN

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._content.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange):
            self._arrange()

    def _arrange(self) -> None:
        if not self.is_narrow:
            self._is_over = False
        is_shown, whole = self.is_shown, self.rect()
        width = min(_CHARS * self.fontMetrics().averageCharWidth(), whole.width())
        side = QRect(0, 0, width, whole.height())
        is_beside = is_shown and not self.is_narrow
        rest = whole.adjusted(width, 0, 0, 0) if is_beside else whole
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            side.moveRight(whole.right())
            rest.moveLeft(0)
        self._content.setGeometry(rest)
        self._frame.setGeometry(side)
        if is_shown:
            self._frame.raise_()
        if is_shown == self._frame.isHidden():
            self._frame.setVisible(is_shown)
            self.shown_changed.emit(is_shown)
