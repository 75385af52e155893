"""The window's last line: where pictures are made, and what is being made."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from algovera_desktop.domain.servers import ServerState
from algovera_desktop.ui.duration_words import duration_words
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, SPACE_3, ThemeController
from algovera_desktop.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    # What it takes to load is for after the first paint.
    from algovera_desktop.ui.job_mirror import QueueSummary

_GAP = "\N{THIN SPACE}"
"""Between a button's icon and its words."""

_LOOKS = {
    ServerState.STARTING: ("clock", "muted"),
    ServerState.READY: ("circle-check", "success"),
    ServerState.UNREACHABLE: ("triangle-alert", "warning"),
    ServerState.KEY_REFUSED: ("key-round", "danger"),
    ServerState.STOPPED: ("circle-x", "danger"),
}


class StatusLine(QFrame):
    """Server state and job summary at the left, doors to more at the right.

    Signals:
        server_details_requested: the server's state was pressed.
        settings_requested: the Settings button was pressed.
        pause_requested: whether to pause all servers or to go on.
        queue_requested: the queue is to be opened, or closed.
    """

    server_details_requested = Signal()
    settings_requested = Signal()
    pause_requested = Signal(bool)
    queue_requested = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._state = ServerState.STARTING
        self._is_paused = False
        self._is_queue_open = False
        self.setProperty("look", "bar")
        self._build()
        self._paint_icons()
        themes.changed.connect(self._on_themes_changed)

    def _build(self) -> None:
        self._server = self._quiet_button()
        self._server.clicked.connect(self.server_details_requested)
        self._jobs = ElidedLabel(self)
        self._jobs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._jobs.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self._upkeep = QLabel(self)
        self._upkeep.setProperty("tone", "muted")
        self._upkeep.hide()
        self._pause = self._quiet_button()
        self._pause.setEnabled(False)
        self._pause.clicked.connect(self._on_pause_clicked)
        self._queue = self._quiet_button()
        self._queue.setEnabled(False)
        self._queue.setText(_GAP + self.tr("&Queue"))
        self._queue.clicked.connect(self.queue_requested)
        self._settings = self._quiet_button()
        self._settings.setText(_GAP + self.tr("Sett&ings"))
        self._settings.setAccessibleName(self.tr("Settings"))
        self._settings.clicked.connect(self.settings_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_1, SPACE_1, SPACE_1, SPACE_1)
        row.setSpacing(SPACE_3)
        row.addWidget(self._server)
        row.addWidget(self._jobs, 1)
        row.addWidget(self._upkeep)
        for button in (self._pause, self._queue, self._settings):
            row.addWidget(button)
        self._show_pause()
        self._show_queue()

    def set_server(
        self, name: str, state: ServerState, details: str = "", *, is_local: bool = True
    ) -> None:
        """Say where pictures are made and how that place is; ``details`` on hovering."""
        self._state = state
        # Nobody here starts a server elsewhere.
        is_asked = state is ServerState.STARTING and not is_local
        text = f"{name} · {self.tr('connecting') if is_asked else self._word(state)}"
        self._server.setText(_GAP + text.replace("&", "&&"))
        self._server.setAccessibleName(text)
        self._server.setAccessibleDescription(details)
        self._server.setToolTip(details)
        self._paint_icons()

    def set_jobs(self, numbers: "QueueSummary", hold_reason: str = "") -> None:
        """Sum up the queue; ``hold_reason`` says in words what keeps the held jobs waiting."""
        parts: list[str] = []
        if numbers.running:
            parts.append(self._running_words(numbers))
        if numbers.waiting:
            parts.append(self.tr("%n waiting", "", numbers.waiting))
        if numbers.paused:
            parts.append(self.tr("%n paused", "", numbers.paused))
        if numbers.held:
            held = self.tr("%n on hold", "", numbers.held)
            parts.append(f"{held}: {hold_reason}" if hold_reason else held)
        if numbers.edited:
            parts.append(self.tr("%n in the form", "", numbers.edited))
        if numbers.seconds_left is not None and numbers.running + numbers.waiting:
            parts.append(duration_words(numbers.seconds_left))
        if numbers.unknown:
            parts.append(self.tr("%n unclear", "", numbers.unknown))
        if numbers.failed:
            parts.append(self.tr("%n failed", "", numbers.failed))
        words = " · ".join(parts)
        self._jobs.setText(words)
        self._jobs.setToolTip(words)

    def set_upkeep(self, words: str) -> None:
        """Say what the program does in the background by itself; nothing to say nothing."""
        self._upkeep.setText(words)
        self._upkeep.setVisible(bool(words))

    def set_paused(self, is_paused: bool) -> None:
        """Offer to pause the queue, or to resume it. Possible once this was called."""
        self._is_paused = is_paused
        self._pause.setEnabled(True)
        self._show_pause()

    def set_queue_open(self, is_open: bool) -> None:
        """Offer to open the queue, or to close it. Possible once this was called."""
        self._is_queue_open = is_open
        self._queue.setEnabled(True)
        self._show_queue()

    def _running_words(self, numbers: "QueueSummary") -> str:
        words = self.tr("%n running", "", numbers.running)
        if numbers.progress is None:
            return words
        return f"{words} {self.locale().toString(int(numbers.progress * 100))} %"

    def _show_pause(self) -> None:
        text = self.tr("Resume") if self._is_paused else self.tr("Pause")
        self._pause.setText(_GAP + text)
        self._pause.setAccessibleName(text)
        self._pause.setToolTip(
            self.tr("Go on with all waiting pictures")
            if self._is_paused
            else self.tr("Begin no more pictures; what is being made is finished")
        )
        self._paint_icons()

    def _show_queue(self) -> None:
        is_open = self._is_queue_open
        text = self.tr("Close the queue") if is_open else self.tr("Open the queue")
        self._queue.setAccessibleName(text)
        self._queue.setToolTip(text)
        self._paint_icons()

    def _quiet_button(self) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("look", "quiet")
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        return button

    def _word(self, state: ServerState) -> str:
        return {
            ServerState.STARTING: self.tr("starting"),
            ServerState.READY: self.tr("ready"),
            ServerState.UNREACHABLE: self.tr("no connection"),
            ServerState.KEY_REFUSED: self.tr("key refused"),
            ServerState.STOPPED: self.tr("stopped"),
        }[state]

    def _paint_icons(self) -> None:
        name, tone = _LOOKS[self._state]
        theme = self._themes.theme
        self._server.setIcon(icon(name, theme, tone))
        self._pause.setIcon(icon("play" if self._is_paused else "pause", theme))
        self._queue.setIcon(icon("chevron-down" if self._is_queue_open else "chevron-up", theme))
        self._settings.setIcon(icon("settings", theme))

    def _on_pause_clicked(self) -> None:
        self.pause_requested.emit(not self._is_paused)

    def _on_themes_changed(self) -> None:
        self._paint_icons()
