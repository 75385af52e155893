"""The first half of the composition: what can be seen before the library is open."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from algovera_desktop.domain.servers import ServerState
from algovera_desktop.domain.settings import COLUMN_SIZES, FORM_DRAFT, THEME, WINDOW_GEOMETRY
from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController, ThemePreference
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from algovera_desktop.ui.widgets.status_line import StatusLine


class Shell(QObject):
    """The window with its form, and everything that costs next to nothing to build."""

    def __init__(self, qt_app: QApplication, paths: Paths) -> None:
        super().__init__()
        self.settings = SettingsStore(paths.settings_file)
        self.servers = ServerList(self.settings)
        self.credentials = CredentialStore()
        self.tasks = Tasks(self)
        self.themes = ThemeController(qt_app, ThemePreference(self.settings.get(THEME).value))
        self.form = PromptForm(self.themes)
        self.messages = MessageBar(self.themes)
        self.status_line = StatusLine(self.themes)
        self.window = MainWindow(self.form, self.messages, self.status_line)
        geometry, columns = self.settings.get(WINDOW_GEOMETRY), self.settings.get(COLUMN_SIZES)
        self.window.restore_layout(geometry, columns)
        self.window.closing.connect(self._on_window_closing)
        self._show_remembered()
        self.form.draft_changed.connect(self._on_form_draft_changed)
        self.status_line.settings_requested.connect(self.window.settings_action.trigger)
        if self.settings.broken_file is not None:
            self._say_settings_unreadable(self.settings.broken_file)

    def close(self) -> None:
        """Write what is left of the settings."""
        self.settings.close()

    def _show_remembered(self) -> None:
        server = self.servers.active()
        self.form.restore_draft(self.settings.get(FORM_DRAFT))
        self.form.set_servers(self.servers.all(), server.id)
        self.status_line.set_server(server.name, ServerState.STARTING)

    def _say_settings_unreadable(self, kept_as: Path) -> None:
        text = self.tr(
            "The settings could not be read, so every setting has its default and no server is "
            "entered. The unreadable file is kept as {path}"
        ).replace("{path}", str(kept_as))
        self.messages.show_message(Message(text, Severity.WARNING))

    def _on_form_draft_changed(self, draft: Mapping[str, Any]) -> None:
        self.settings.set(FORM_DRAFT, draft)

    def _on_window_closing(self) -> None:
        geometry, columns = self.window.layout_state()
        self.settings.set(WINDOW_GEOMETRY, geometry)
        self.settings.set(COLUMN_SIZES, columns)
