"""The one calm place where the program says something that nobody asked it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.widgets.resting_hand import RestingHand

MIN_ACTION_TIMEOUT_S = 10.0
"""A message with something to press stays at least this long."""

_MAX_DETAILS_LINES = 8


class Severity(Enum):
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


_ICONS = {
    Severity.INFO: ("info", "text"),
    Severity.SUCCESS: ("circle-check", "success"),
    Severity.WARNING: ("triangle-alert", "warning"),
    Severity.ERROR: ("circle-x", "danger"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What to say. A message replaces a waiting or shown one of the same non-empty ``key``.

    ``actions`` are at most two (label, callback); pressing one dismisses the message first.
    ``details`` wait behind "Show details". ``timeout_s`` is heeded for INFO and SUCCESS
    only: what needs attention stays until it is dismissed. What ``can_wait`` opens the bar, which
    moves the window's content, only while no hand is aiming at it.
    """

    text: str
    severity: Severity = Severity.INFO
    key: str = ""
    actions: tuple[tuple[str, Callable[[], None]], ...] = ()
    details: str = ""
    timeout_s: float | None = None
    can_wait: bool = False

    @property
    def lifetime_s(self) -> float | None:
        """How long it stays on screen; None for ever."""
        if self.timeout_s is None or self.is_urgent:
            return None
        return max(self.timeout_s, MIN_ACTION_TIMEOUT_S) if self.actions else self.timeout_s

    @property
    def is_urgent(self) -> bool:
        """Whether something went wrong."""
        return self.severity in (Severity.WARNING, Severity.ERROR)


class MessageBar(QFrame):
    """Shows the latest message; others wait beneath it. Hidden while there is none.

    Signals:
        message_dismissed: the Message that left, however it did (not when replaced).
    """

    message_dismissed = Signal(object)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._messages: list[Message] = []
        self._held: list[Message] = []
        self._hand = RestingHand(self)
        self._hand.rested.connect(self._on_hand_rested)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._build()
        self.hide()
        themes.changed.connect(self._on_themes_changed)

    def show_message(self, message: Message) -> None:
        """Put a message on top, in place of an older one with the same key.

        A note that stays until it is dismissed waits beneath what went wrong.
        """
        if message.key:
            self._messages = [other for other in self._messages if other.key != message.key]
            self._held = [other for other in self._held if other.key != message.key]
        if message.can_wait and not self._messages:
            self._held.append(message)
            self._hand.wait()
            return
        self._messages.insert(self._place_of(message), message)
        self._show_top()
        self._announce(message)

    def dismiss(self, key: str) -> None:
        """Take away the message with this key, shown or waiting; nothing if there is none."""
        self._held = [message for message in self._held if message.key != key]
        for message in [message for message in self._messages if message.key == key]:
            self._remove(message)

    @property
    def current(self) -> Message | None:
        return self._messages[-1] if self._messages else None

    def _place_of(self, message: Message) -> int:
        places = (place for place, other in enumerate(self._messages) if other.is_urgent)
        top = len(self._messages)
        is_lasting_note = not message.is_urgent and message.lifetime_s is None
        return next(places, top) if is_lasting_note else top

    def _build(self) -> None:
        self.setProperty("look", "bar")
        self.setAccessibleName(self.tr("Message"))
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._waiting = QLabel(self)
        self._waiting.setProperty("tone", "muted")
        self._actions = [QPushButton(self) for _ in range(2)]
        for index, button in enumerate(self._actions):
            button.setAutoDefault(False)
            button.setProperty("index", index)
            button.clicked.connect(self._on_action_clicked)
        self._toggle = QPushButton(self)
        self._toggle.setProperty("look", "quiet")
        self._toggle.setCheckable(True)
        self._toggle.toggled.connect(self._on_toggle_toggled)
        self._close = QToolButton(self)
        self._close.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self._close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._close.setAccessibleName(self.tr("Dismiss message"))
        self._close.setToolTip(self.tr("Dismiss"))
        self._close.clicked.connect(self._on_close_clicked)
        self._details = QPlainTextEdit(self)
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        self._details.setAccessibleName(self.tr("Details of the message"))
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._waiting)
        for button in (self._toggle, *self._actions, self._close):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_1, SPACE_2, SPACE_1)
        column.setSpacing(SPACE_1)
        column.addLayout(row)
        column.addWidget(self._details)

    def _show_top(self) -> None:
        message = self.current
        self._timer.stop()
        if message is None:
            self.hide()
            return
        self._text.setText(self._words(message))
        self._paint_icons()
        waiting = len(self._messages) - 1
        self._waiting.setText(self.tr("%n more", "", waiting))
        self._waiting.setVisible(waiting > 0)
        for index, button in enumerate(self._actions):
            button.setVisible(index < len(message.actions))
            if index < len(message.actions):
                button.setText(message.actions[index][0])
        self._details.setPlainText(message.details)
        self._toggle.setVisible(bool(message.details))
        self._toggle.setChecked(False)
        self._on_toggle_toggled(False)
        self.show()
        self._start_timer()

    def _words(self, message: Message) -> str:
        return f"{self._word(message.severity)}: {message.text}"

    def _word(self, severity: Severity) -> str:
        return {
            Severity.INFO: self.tr("Note"),
            Severity.SUCCESS: self.tr("Done"),
            Severity.WARNING: self.tr("Warning"),
            Severity.ERROR: self.tr("Error"),
        }[severity]

    def _paint_icons(self) -> None:
        theme = self._themes.theme
        self._close.setIcon(icon("x", theme))
        if self.current is not None:
            name, tone = _ICONS[self.current.severity]
            size = QSize(ICON_SIDE, ICON_SIDE)
            picture = icon(name, theme, tone).pixmap(size, self.devicePixelRatioF())
            self._icon.setPixmap(picture)

    def _announce(self, message: Message) -> None:
        event = QAccessibleAnnouncementEvent(self, self._words(message))
        if message.is_urgent:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def _remove(self, message: Message) -> None:
        had_focus = self._has_focus()
        self._messages.remove(message)
        self._show_top()
        if had_focus and self.current is not None:
            self._close.setFocus()
        self.message_dismissed.emit(message)

    def _start_timer(self) -> None:
        lifetime_s = self.current.lifetime_s if self.current else None
        if lifetime_s is not None and not self._is_being_read():
            self._timer.start(round(lifetime_s * 1000))

    def _is_being_read(self) -> bool:
        return self.underMouse() or self._has_focus()

    def _has_focus(self) -> bool:
        return any(child.hasFocus() for child in self.findChildren(QWidget))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._start_timer()

    def _on_timer_timeout(self) -> None:
        if self._is_being_read():
            self._timer.start()
        elif self.current is not None:
            self._remove(self.current)

    def _on_action_clicked(self) -> None:
        message, index = self.current, self.sender().property("index")
        if message is not None:
            self._remove(message)
            message.actions[index][1]()

    def _on_close_clicked(self) -> None:
        if self.current is not None:
            self._remove(self.current)

    def _on_toggle_toggled(self, checked: bool) -> None:
        self._details.setVisible(checked)
        self._toggle.setText(self.tr("Hide details") if checked else self.tr("Show details"))
        lines = min(_MAX_DETAILS_LINES, self._details.document().lineCount() + 1)
        self._details.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2 * SPACE_2)

    def _on_hand_rested(self) -> None:
        held, self._held = self._held, []
        for message in held:
            self.show_message(replace(message, can_wait=False))

    def _on_themes_changed(self) -> None:
        self._paint_icons()
