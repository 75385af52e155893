"""The line that a search is typed into."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from algovera_desktop.library.query.completion import Completion
from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.suggestion_list import SuggestionList

Suggest = Callable[[str, int], Sequence[Completion]]
"""What could be meant where the cursor stands in a text."""

_ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_WAVE_WIDTH, _WAVE_HEIGHT = 4.0, 2.0


class SearchEdit(QLineEdit):
    """Offers what could be meant as one types, and underlines what cannot be understood.

    Whatever replaces the text, Ctrl+Z brings the old one back.

    Signals:
        text_changed_by_user: the text, at each keystroke.
        left: the user wants to go on to what was found.
        entered: Enter was pressed, for what is typed as it stands.
    """

    text_changed_by_user = Signal(str)
    left = Signal()
    entered = Signal()

    def __init__(
        self, suggest: Suggest, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._suggest = suggest
        self._themes = themes
        self._is_replacing = False
        self._offered: Sequence[Completion] = ()
        self._wrong: tuple[int, int] | None = None
        self.suggestions = SuggestionList(self)
        self._look = self._add_action(self.tr("Search"), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = self._add_action(
            self.tr("Clear the search"), QLineEdit.ActionPosition.TrailingPosition
        )
        self._clear.setVisible(False)
        self.suggestions.chosen.connect(self._on_suggestions_chosen)
        self._look.triggered.connect(self.selectAll)
        self._clear.triggered.connect(self._on_clear_triggered)
        self.textChanged.connect(self._on_text_changed)
        self._dress()
        themes.changed.connect(self._dress)

    def _add_action(self, text: str, position: QLineEdit.ActionPosition) -> QAction:
        action = QAction(text, self)
        self.addAction(action, position)
        return action

    def _dress(self) -> None:
        self._look.setIcon(icon("search", self._themes.theme, "muted"))
        self._clear.setIcon(icon("x", self._themes.theme, "muted"))
        self.update()

    def replace_text(self, text: str) -> None:
        """Show another text without telling of it."""
        if text == self.text():
            return
        self._is_replacing = True
        self.selectAll()
        self.insert(text)
        self._is_replacing = False
        self.suggestions.hide()

    def underline(self, place: tuple[int, int] | None) -> None:
        """Mark the letters from the one place up to the other; None for none."""
        if place != self._wrong:
            self._wrong = place
            self.update()

    def offer(self) -> None:
        """Show what could be meant at the cursor."""
        self._offered = self._suggest(self.text(), self.cursorPosition())
        self.suggestions.show_texts([one.text.strip() for one in self._offered])

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._handle_key(event):
            super().keyPressEvent(event)

    def _handle_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        is_offering = self.suggestions.isVisible()
        if key == Qt.Key.Key_Escape:
            self._go_back()
        elif key == Qt.Key.Key_Down:
            self.suggestions.step(1) if is_offering else self.left.emit()
        elif key == Qt.Key.Key_Up and is_offering:
            self.suggestions.step(-1)
        elif key in _ENTER_KEYS:
            self._enter()
        elif key == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.offer()
        else:
            return False
        return True

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab takes the suggestion that the keyboard stands on."""
        row = self.suggestions.current_row
        if row is not None and is_next:
            self._take(row)
            return True
        return super().focusNextPrevChild(is_next)

    def _go_back(self) -> None:
        if self.suggestions.isVisible():
            self.suggestions.hide()
        elif self.text():
            self._on_clear_triggered()
        else:
            self.left.emit()

    def _enter(self) -> None:
        row = self.suggestions.current_row
        if row is not None:
            self._take(row)
            return
        self.suggestions.hide()
        self.entered.emit()

    def _take(self, row: int) -> None:
        """Put a suggestion in the place of what it stands for."""
        if row < len(self._offered):
            one = self._offered[row]
            self.setSelection(one.start, one.end - one.start)
            self.insert(one.text)

    # What happens

    def _on_text_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self.underline(None)
        if self._is_replacing:
            return
        if text.strip() and self.hasFocus():
            self.offer()
        else:
            self.suggestions.hide()
        self.text_changed_by_user.emit(text)

    def _on_clear_triggered(self) -> None:
        self.selectAll()
        self.insert("")
        self.setFocus()

    def _on_suggestions_chosen(self, row: int) -> None:
        self._take(row)
        self.setFocus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.suggestions.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.suggestions.hide()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._wrong is None:
            return
        start, end = (self._x_of(place) for place in self._wrong)
        # An error at the very end has no letters; it gets the room of one.
        end = max(end, start + self.fontMetrics().averageCharWidth())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._themes.theme.danger), 1.2))
        painter.drawPath(_wave(start, end, self.cursorRect().bottom() - 1))

    def _x_of(self, place: int) -> float:
        """Where a place in the text lies, scrolled as it is."""
        metrics, text = self.fontMetrics(), self.text()
        cursor = metrics.horizontalAdvance(text[: self.cursorPosition()])
        return self.cursorRect().center().x() - cursor + metrics.horizontalAdvance(text[:place])


def _wave(start: float, end: float, y: float) -> QPainterPath:
    path = QPainterPath(QPointF(start, y))
    x, is_up = start, True
    while x < end:
        x = min(x + _WAVE_WIDTH / 2, end)
        path.lineTo(QPointF(x, y - _WAVE_HEIGHT if is_up else y))
        is_up = not is_up
    return path
