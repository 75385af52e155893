"""The window's last line: where pictures are made, and what is being made."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from algovera_desktop.domain.servers import ServerState
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, SPACE_3, ThemeController

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
    """

    server_details_requested = Signal()
    settings_requested = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._state = ServerState.STARTING
        self.setProperty("look", "bar")
        self._server = self._quiet_button()
        self._server.clicked.connect(self.server_details_requested)
        self._jobs = QLabel(self)
        self._jobs.setTextFormat(Qt.TextFormat.PlainText)
        self._settings = self._quiet_button()
        self._settings.setText(_GAP + self.tr("Sett&ings"))
        self._settings.setAccessibleName(self.tr("Settings"))
        self._settings.clicked.connect(self.settings_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_1, SPACE_1, SPACE_1, SPACE_1)
        row.setSpacing(SPACE_3)
        row.addWidget(self._server)
        row.addWidget(self._jobs, 1)
        row.addWidget(self._settings)
        self._paint_icons()
        themes.changed.connect(self._on_themes_changed)

    def set_server(self, name: str, state: ServerState, details: str = "") -> None:
        """Say where pictures are made and how that place is; ``details`` on hovering."""
        self._state = state
        text = f"{name} · {self._word(state)}"
        self._server.setText(_GAP + text.replace("&", "&&"))
        self._server.setAccessibleName(text)
        self._server.setAccessibleDescription(details)
        self._server.setToolTip(details)
        self._paint_icons()

    def set_jobs(
        self, *, running: int, waiting: int, failed: int, progress: float | None = None
    ) -> None:
        """Sum up the queue; ``progress`` is 0.0 to 1.0 of what runs, None if unknown."""
        parts: list[str] = []
        if running:
            percent = (
                "" if progress is None else f" {self.locale().toString(int(progress * 100))} %"
            )
            parts.append(self.tr("%n running", "", running) + percent)
        if waiting:
            parts.append(self.tr("%n waiting", "", waiting))
        if failed:
            parts.append(self.tr("%n failed", "", failed))
        self._jobs.setText(" · ".join(parts))

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
        self._server.setIcon(icon(name, self._themes.theme, tone))
        self._settings.setIcon(icon("settings", self._themes.theme))

    def _on_themes_changed(self) -> None:
        self._paint_icons()
