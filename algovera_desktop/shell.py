"""The first part of the composition: what can be seen before the library is open."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.domain.settings import FORM_DRAFT
from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    # What it takes to load is for after the first screenful.
    from algovera_desktop.ui.widgets.prompt_form import PromptForm


class Shell(QObject):
    """What stands in the window before the library is open: messages, the status line, then the
    form."""

    def __init__(
        self,
        window: MainWindow,
        themes: ThemeController,
        settings: SettingsStore,
    ) -> None:
        super().__init__(window)
        self.window = window
        self.themes = themes
        self.settings = settings
        self.servers = ServerList(settings, local_name=self.tr("This computer"))
        self.credentials = CredentialStore()
        self.tasks = Tasks(self)
        self._form: PromptForm | None = None
        self._no_models = ""
        self.messages = MessageBar(themes)
        self.status_line = StatusLine(themes)
        server = self.servers.active()
        is_local = server.id == LOCAL_SERVER_ID
        self.status_line.set_server(server.name, ServerState.STARTING, is_local=is_local)

    def furnish(self) -> None:
        """Put all of it into the window."""
        self.window.furnish(self.messages, self.status_line)
        self.status_line.settings_requested.connect(self.window.settings_action.trigger)
        if self.settings.broken_file is not None:
            self._say_settings_unreadable(self.settings.broken_file)

    @property
    def form(self) -> "PromptForm":
        """Where pictures are asked for; for what comes after ``put_form``."""
        assert self._form is not None
        return self._form

    def put_form(self, form: "PromptForm") -> None:
        """Have pictures asked for with this form, as it was left."""
        self._form = form
        form.restore_draft(self.settings.get(FORM_DRAFT))
        form.set_servers(self.servers.all(), self.servers.active().id)
        if self._no_models:
            form.set_models_unavailable(self._no_models)
        form.draft_changed.connect(self._on_form_draft_changed)
        self.window.show_form(form)

    def say_no_models(self, reason: str) -> None:
        """Say in the form, at once or when it is there, why nothing can be generated."""
        self._no_models = reason
        if self._form is not None:
            self._form.set_models_unavailable(reason)

    def _say_settings_unreadable(self, kept_as: Path) -> None:
        text = self.tr(
            "The settings could not be read, so every setting has its default and no server is "
            "entered. The unreadable file is kept as {path}"
        ).replace("{path}", str(kept_as))
        self.messages.show_message(Message(text, Severity.WARNING))

    def _on_form_draft_changed(self, draft: Mapping[str, Any]) -> None:
        self.settings.set(FORM_DRAFT, draft)
