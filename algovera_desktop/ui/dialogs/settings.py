"""The Settings dialog: assembly of its pages."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QTabWidget, QVBoxLayout, QWidget

from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.openai_access import OpenAiAccess
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.dialogs.general_page import GeneralPage
from algovera_desktop.ui.dialogs.library_page import LibraryPage
from algovera_desktop.ui.dialogs.openai_page import OpenAiPage
from algovera_desktop.ui.dialogs.server_probe import EngineFactory, ServerProbe
from algovera_desktop.ui.dialogs.servers_page import ServersPage
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import SPACE_3, SPACE_4, ThemeController


class SettingsDialog(QDialog):
    """Non-modal. Every choice holds at once, but for a server, which has its own Save.

    ``make_engine`` builds an engine for a ServerConfig and a key, for Test only.

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
        themes: ThemeController,
        settings: SettingsStore,
        servers: ServerList,
        credentials: CredentialStore,
        tasks: Tasks,
        make_engine: EngineFactory,
        default_pictures: Path,
        openai: OpenAiAccess,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        probe = ServerProbe(tasks, credentials, make_engine)
        general = GeneralPage(themes, settings, tasks, default_pictures, self)
        general.pictures_folder_changed.connect(self.pictures_folder_changed)
        self._servers = ServersPage(themes, servers, probe, self)
        self._servers.server_changed.connect(self.server_changed)
        self._servers.account_changing.connect(self.account_changing)
        self._openai = OpenAiPage(themes, openai, tasks, self)
        self._openai.changed.connect(self.openai_changed)
        self._has_warned = False
        self._tabs = QTabWidget(self)
        self._tabs.addTab(general, self.tr("&General"))
        self._tabs.addTab(LibraryPage(settings, self), self.tr("&Library"))
        self._tabs.addTab(self._servers, self.tr("&Servers"))
        self._tabs.addTab(self._openai, self.tr("&OpenAI"))
        buttons = close_buttons(self)
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_4, 0, SPACE_4, SPACE_3)
        foot.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_3, 0, 0)
        column.addWidget(self._tabs, 1)
        column.addLayout(foot)
        self.resize(680, 540)

    def show_servers(self, server_id: str) -> None:
        """Open at a server, for its key or address."""
        self._tabs.setCurrentWidget(self._servers)
        self._servers.select(server_id)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_openai(self) -> None:
        """Open where OpenAI's key is entered."""
        self._tabs.setCurrentWidget(self._openai)
        self.show()
        self.raise_()
        self.activateWindow()

    def reject(self) -> None:
        """Close, but remind once of a server that was not saved."""
        if self._may_close():
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close():
            super().closeEvent(event)
        else:
            event.ignore()

    def _may_close(self) -> bool:
        if self._servers.is_storing:
            # Now the key would be lost; the keyring may be waiting for its password.
            return False
        if self._servers.is_dirty and not self._has_warned:
            self._has_warned = True
            self._tabs.setCurrentWidget(self._servers)
            self._servers.say_unsaved()
            return False
        self._has_warned = False
        self._servers.drop_changes()
        return True
