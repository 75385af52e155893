"""Opens the windows beside the window, each at most once at a time."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget

from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.openai_access import OpenAiAccess
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.about import AboutDialog
from algovera_desktop.ui.dialogs.server_probe import EngineFactory
from algovera_desktop.ui.dialogs.settings import SettingsDialog
from algovera_desktop.ui.dialogs.shortcuts import ShortcutsDialog, rows_of
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController


class DialogController(QObject):
    """Builds dialogs when they are asked for.

    Signals:
        server_changed: id (str) of a server that was saved, removed, or got another key.
        account_changing: id (str) of a server that is about to get another address or key.
        pictures_folder_changed: the folder for new pictures (Path).
        openai_changed: ``dalle`` can be painted now, or can no longer.
    """

    server_changed = Signal(str)
    account_changing = Signal(str)
    pictures_folder_changed = Signal(object)
    openai_changed = Signal()

    def __init__(
        self,
        window: QWidget,
        themes: ThemeController,
        settings: SettingsStore,
        servers: ServerList,
        credentials: CredentialStore,
        tasks: Tasks,
        make_engine: EngineFactory,
        default_pictures: Path,
        openai: OpenAiAccess,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._themes = themes
        self._settings = settings
        self._servers = servers
        self._credentials = credentials
        self._tasks = tasks
        self._make_engine = make_engine
        self._default_pictures = default_pictures
        self._openai = openai
        self._open: dict[str, QDialog] = {}

    def show_settings(self) -> None:
        """Open the settings, at their last tab."""
        self._settings_dialog().show()

    def show_servers(self, server_id: str) -> None:
        """Open the settings at a server."""
        self._settings_dialog().show_servers(server_id)

    def show_openai(self) -> None:
        """Open the settings where OpenAI's key is entered."""
        self._settings_dialog().show_openai()

    def show_shortcuts(self, generate: QAction, others: Sequence[QAction]) -> None:
        """Open Help → Keyboard shortcuts: first what an artist does all day."""
        rows = [
            *rows_of([generate]),
            *self._picture_keys(),
            *rows_of(others),
            *self._queue_keys(),
        ]
        self._show("shortcuts", ShortcutsDialog(rows, self._window))

    def _picture_keys(self) -> tuple[tuple[str, str], ...]:
        return (
            (self.tr("Large view, and back"), self.tr("Space, Esc")),
            (self.tr("Next and previous picture"), self.tr("Arrow keys")),
            (self.tr("Reuse the settings of a picture"), "R"),
            (self.tr("Vary a picture with a new seed"), "V"),
            (self.tr("Favourite, or no longer"), "F"),
            (self.tr("Stars"), "0 – 5"),
            (self.tr("Delete a picture, cancel a job"), "Del"),
            (self.tr("Copy the picture"), "Ctrl+C"),
            (self.tr("Save a copy of the picture"), "Ctrl+S"),
            (self.tr("Tag"), "T"),
            (self.tr("Note"), "N"),
            (self.tr("Album"), "L"),
            (self.tr("More like this picture"), "M"),
            (self.tr("Compare two to four pictures"), "C"),
            (self.tr("Copy the prompt"), "Ctrl+Shift+C"),
            (self.tr("Export pictures"), "Ctrl+Shift+E"),
            (self.tr("Thumbnail size"), self.tr("Ctrl+wheel")),
            (self.tr("Zoom in the large view"), "+ −"),
            (self.tr("Fit to the window, or actual pixels"), "Z"),
        )

    def _queue_keys(self) -> tuple[tuple[str, str], ...]:
        return (
            (self.tr("Retry a failed job"), "Ctrl+R"),
            (self.tr("Change a waiting picture in the form"), "E"),
            (self.tr("In the trash: bring back, delete for good"), self.tr("U, Shift+Del")),
            (self.tr("In the side list: move an album up, down"), self.tr("Alt+↑, Alt+↓")),
            (self.tr("In the queue: change it, or show its picture"), self.tr("Enter")),
            (self.tr("In the queue: up, down, to the front"), self.tr("Alt+↑, Alt+↓, Alt+Home")),
            (self.tr("In the queue: duplicate"), "Ctrl+D"),
            (self.tr("In the queue: select the whole group"), "Ctrl+G"),
            (self.tr("In the queue: pause or resume a server"), "P"),
        )

    def show_about(self) -> None:
        """Open Help → About."""
        self._show("about", AboutDialog(self._window))

    def _settings_dialog(self) -> SettingsDialog:
        dialog = self._open.get("settings")
        if isinstance(dialog, SettingsDialog):
            dialog.raise_()
            return dialog
        dialog = SettingsDialog(
            self._themes,
            self._settings,
            self._servers,
            self._credentials,
            self._tasks,
            self._make_engine,
            self._default_pictures,
            self._openai,
            self._window,
        )
        dialog.server_changed.connect(self.server_changed)
        dialog.account_changing.connect(self.account_changing)
        dialog.pictures_folder_changed.connect(self.pictures_folder_changed)
        dialog.openai_changed.connect(self.openai_changed)
        self._show("settings", dialog)
        return dialog

    def _show(self, name: str, dialog: QDialog) -> None:
        older = self._open.pop(name, None)
        if older is not None:
            older.close()
        self._open[name] = dialog
        dialog.setObjectName(name)
        dialog.finished.connect(self._on_dialog_finished)
        dialog.show()

    def _on_dialog_finished(self) -> None:
        dialog = self.sender()
        if isinstance(dialog, QDialog):
            if self._open.get(dialog.objectName()) is dialog:
                del self._open[dialog.objectName()]
            dialog.deleteLater()
